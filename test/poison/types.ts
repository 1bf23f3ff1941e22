import { commonNeeds, contextNeeds, type Held, type Need, resultNeeds } from '../processors/route/needs.js'
import { type Fate, kindOfSound, type Poison, with_, written } from './poison.js'

const depth = 1000
const values: Readonly<Record<string, string>> = {
  null: 'null',
  true: 'true',
  'a number': '7',
  'a fraction': '7.5',
  text: '"seven"',
  'a list': '[7]',
  'an object': '{"seven":7}',
  'an object of 1,000 objects': `${'{"a":'.repeat(depth)}7${'}'.repeat(depth)}`,
}

/** Which of the values a key may hold; the rest is `bad_value`. Null is a matter of its own. */
const held: Readonly<Record<Held, readonly string[]>> = {
  id: ['a number', 'text'],
  integer: ['a number'],
  number: ['a number', 'a fraction'],
  text: ['text'],
  scalar: ['a number', 'a fraction', 'text'],
  list: ['a list'],
  json: Object.keys(values),
}

function fateOf(need: Need, of: string, value: string): Fate {
  if (value === 'null') return need.must.includes(of) ? 'missing_key' : kindOfSound(of)
  return held[need.holds].includes(value) ? kindOfSound(of) : 'bad_value'
}

/** Every key of every kind, with each of these in its place. A verb that nobody knows makes another kind. */
const keys = [...commonNeeds, ...contextNeeds, ...resultNeeds].flatMap(need =>
  [...need.must, ...need.nullable, ...need.optional].flatMap(of =>
    Object.entries(values).map(([value, json]) =>
      written(`${of}: ${value} as ${nameOf(need.path)}`, of, need.path, json, fateOf(need, of, value)),
    ),
  ),
)

const absent = [...commonNeeds, ...contextNeeds, ...resultNeeds].flatMap(need => [
  ...[...need.must, ...need.nullable].map(of => with_(`${of}: no ${nameOf(need.path)}`, of, need.path, undefined, absentFate(need, of))),
  ...need.optional.map(of => with_(`${of}: no ${nameOf(need.path)}, which it may be without`, of, need.path, undefined, kindOfSound(of))),
])

/** Without a section it is no statement of Torus's any more. */
function absentFate(need: Need, of: string): Fate {
  return need.path.at(-1)?.endsWith('section_id') ? kindOfSound(of) : 'missing_key'
}

function nameOf(path: readonly string[]): string {
  return path.map(step => step.slice(step.lastIndexOf('/') + 1)).join('.')
}

const missing = () => 'missing_key' as const
const same = kindOfSound
/** What holds the keys: where it is no object it holds none. An array is none either. */
const holders: readonly (readonly [path: readonly string[], of: readonly string[], fate: (of: string) => Fate])[] = [
  [['actor'], ['part_attempt', 'video_played', 'other_torus'], missing],
  [['actor', 'account'], ['part_attempt', 'video_played', 'other_torus'], missing],
  [['verb'], ['part_attempt', 'video_played', 'other_torus'], missing],
  [['object'], ['part_attempt', 'video_played', 'other_torus'], missing],
  [['object', 'definition'], ['part_attempt', 'video_played', 'page_viewed'], () => 'other'],
  [['object', 'definition', 'name'], ['video_played', 'part_attempt'], same],
  [['context'], ['part_attempt', 'page_viewed', 'other_torus'], same],
  [['context', 'extensions'], ['part_attempt', 'page_viewed', 'tutor_message'], same],
  [['context', 'contextActivities'], ['xapi_video', 'part_attempt'], same],
  [['context', 'contextActivities', 'parent'], ['xapi_video', 'xapi_other'], same],
  [['result'], ['part_attempt', 'tutor_message'], missing],
  [['result'], ['page_viewed', 'video_played', 'other_torus'], same],
  [['result', 'score'], ['part_attempt', 'page_attempt'], missing],
  [['result', 'extensions'], ['part_attempt', 'video_paused'], same],
]

const containers = holders.flatMap(([path, of, fate]) =>
  of.flatMap(name =>
    Object.entries(values)
      // A list of titles has one that is no text; an object of 7 has one too.
      .filter(([value]) => nameOf(path) !== 'object.definition.name' || !/list|object/.test(value))
      .map(([value, json]) => written(`${name}: ${value} as ${nameOf(path)}`, name, path, json, fate(name))),
  ),
)

/** The wrong type everywhere. */
export const types: readonly Poison[] = [...keys, ...absent, ...containers]
