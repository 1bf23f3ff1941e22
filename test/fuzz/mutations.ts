import { oli, video } from '../processors/route/statements.js'
import { type Random, randomJson, randomString } from '../schemas/random.js'
import { type Members, type Node, nodeOf, type Place, placesIn, put } from './json-node.js'

const keys = [
  ...[
    'actor',
    'account',
    'name',
    'homePage',
    'mbox',
    'verb',
    'id',
    'object',
    'definition',
    'type',
    'context',
    'extensions',
    'result',
    'score',
  ],
  ...[
    'raw',
    'max',
    'response',
    'message',
    'timestamp',
    'en-US',
    'subType',
    'contextActivities',
    'parent',
    '__proto__',
    'constructor',
    '',
    '0',
  ],
  ...['section_id', 'page_id', 'resource_id', 'hints_requested', 'experiment_attributions', 'feedback', 'session_id'].map(
    key => `${oli}${key}`,
  ),
  ...['time', 'length', 'progress', 'session-id'].map(key => `${video}${key}`),
]
const scalars = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '1',
    '1.0',
    '10e-1',
    '1e0',
    '-1',
    '0.5',
    '1e400',
    '-1e400',
    '1e-400',
    '9007199254740991',
    '9007199254740993',
  ],
  ...['-4503599627370497', '999999999999999', '1e15', '1e21', '123456789012345678901234567890', '0.1', '5e-324', '1.7976931348623157e308'],
  ...[
    '""',
    '" "',
    '"1"',
    '"-0"',
    '"1.0"',
    '"a|b%"',
    '"\\u0000"',
    '"\\ud83d"',
    '"\\udc00x"',
    '"😀"',
    '"é"',
    '"\\u2028"',
    '"\\r\\n"',
    '"a\\rb"',
    '"\\"\\",\\""',
    '"=1+1"',
  ],
  ...['"2025-02-03T04:05:06Z"', '"2016-12-31T23:59:60.5+01:00"', '"0000-01-01T00:00:00Z"', '"__proto__"', '"null"', '"https://H.test//"'],
]

type Mutation = (place: Place, random: Random, others: readonly Node[]) => void

const value = (random: Random): Node => (random.below(3) === 0 ? nodeOf(randomJson(random)) : { text: random.pick(scalars) })
const membersOf = ({ holder }: Place): Members | null => ('members' in holder ? holder : null)

const mutations: readonly Mutation[] = [
  // Another value, one of another statement, or one that was around it.
  (place, random) => put(place, value(random)),
  (place, random) => put(place, value(random)),
  (place, random, others) => put(place, copyOf(random.pick(placesIn(random.pick(others))).value)),
  (place, random) => put(place, random.below(2) === 0 ? { items: [place.value] } : { members: [[random.pick(keys), place.value]] }),
  // A key gone, twice, renamed, elsewhere, added.
  place => void ('items' in place.holder ? place.holder.items.splice(place.at, 1) : place.holder.members.splice(place.at, 1)),
  (place, random) =>
    membersOf(place)?.members.splice(random.below(place.at + 1), 0, [membersOf(place)!.members[place.at]![0], value(random)]),
  (place, random) => membersOf(place)?.members.push([membersOf(place)!.members[place.at]![0], value(random)]),
  (place, random) => {
    const holder = membersOf(place)
    if (holder !== null) holder.members[place.at] = [random.below(4) === 0 ? randomString(random) : random.pick(keys), place.value]
  },
  (place, random) => {
    const holder = membersOf(place)
    if (holder !== null) holder.members = random.shuffle(holder.members)
  },
  (place, random) => membersOf(place)?.members.splice(random.below(place.at + 1), 0, [random.pick(keys), value(random)]),
]

const copyOf = (node: Node): Node => structuredClone(node)

/** A statement in which up to four things are other than they were. */
export function mutated(random: Random, statements: readonly Node[]): Node {
  const node = copyOf(random.pick(statements))
  for (let times = random.below(5); times > 0; times--) {
    const places = placesIn(node)
    if (places.length > 0) random.pick(mutations)(random.pick(places), random, statements)
  }
  return node
}

/** Bytes that are other than they were, which mostly is no JSON any more. */
export function damaged(random: Random, bytes: Buffer): Buffer {
  let damaged = Buffer.from(bytes)
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(damaged.length + 1)
    const length = random.pick([1, 1, 1, 2, 3, 10, 100])
    const [before, within, after] = [damaged.subarray(0, at), damaged.subarray(at, at + length), damaged.subarray(at + length)]
    const noise = Buffer.from(
      random.pick(['"', '\\', '{', '}', '[', ']', ',', ':', '\0', '\ufeff', '\n', '0', 'e', 'null', '\ud83d', '\\u0061', ' ']),
    )
    const bit = Buffer.from(within.map(byte => byte ^ (1 << random.below(8))))
    damaged = Buffer.concat(
      random.pick([
        [before, after],
        [before, bit, after],
        [before, noise, within, after],
        [before, within, within, after],
        [before],
        [before, Buffer.from([0x80 + random.below(0x80)]), within, after],
      ]),
    )
  }
  return damaged
}
