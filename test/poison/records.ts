import { headers } from '../../schemas/headers.js'
import { encodeMarker } from '../../schemas/marker.js'
import { edited } from '../driver/edited.js'
import { randomText } from '../driver/random-bytes.js'
import { type Fate, limit, type Sound, soundFor } from './poison.js'

/** A record that somebody's producer brings to `xapi`, which no line of an object could be. */
export interface PoisonRecord {
  readonly name: string
  readonly value: Buffer | null
  readonly key: Buffer | null
  readonly headers: readonly (readonly [name: string, value: string | Buffer])[]
  /** Where it is brought to: the partition of its learner, or another. */
  readonly home: boolean
  readonly fate: Fate
}

type Rest = Partial<Omit<PoisonRecord, 'name' | 'value' | 'fate'>>
let made = 0
const brought = (name: string, of: (sound: Sound) => string | Buffer | null, fate: Fate, rest: Rest = {}): PoisonRecord => {
  const value = of(soundFor(30_000 + made++))
  return { name, value: value === null ? null : Buffer.from(value as string), key: null, headers: [], home: true, fate, ...rest }
}
const view = (sound: Sound) => sound('page_viewed')
/** A statement that makes just this many bytes, and hardly compresses. */
const sized = (bytes: number, learner?: string) => (sound: Sound) => {
  const own = edited(sound('other_torus'), ['result'], '')
  const text = learner === undefined ? own : edited(own, ['actor', 'account', 'name'], learner)
  return edited(text, ['result'], randomText(bytes, bytes - text.length))
}
const marker = (run: string) => encodeMarker({ kind: 'end', run, partition: 0 })
const garbage = Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28])

export const poisonRecords = (): readonly PoisonRecord[] => [
  brought('no value', () => null, 'invalid_json'),
  brought('an empty value', () => '', 'invalid_json'),
  brought('a statement on many lines', sound => JSON.stringify(JSON.parse(view(sound)), null, 2), 'page_viewed'),
  brought('a statement with a line end', sound => `${view(sound)}\n`, 'page_viewed'),
  brought("somebody else's key", view, 'page_viewed', { key: Buffer.from('1|elsewhere|2') }),
  brought('a key that is no text', view, 'page_viewed', { key: garbage }),
  brought('a key of 1 MB', view, 'page_viewed', { key: Buffer.alloc(1 << 20, 0x7c) }),
  brought('a statement where it does not belong', view, 'page_viewed', { home: false }),
  brought('a statement that says it was moved', view, 'page_viewed', { headers: [[headers.placed, '0/1']] }),
  brought('a statement that was moved to where it does not belong', view, 'misplaced_twice', {
    home: false,
    headers: [[headers.placed, 'by <b>me</b>']],
  }),
  brought('no marker', view, 'bad_value', { headers: [[headers.marker, 'end']] }),
  brought('a marker of a run of 1 MB', () => marker('r'.repeat(limit - 4096)), 'bad_value', { headers: [[headers.marker, 'end']] }),
  brought('a marker whose header says nothing', () => '{"kind":"begin"}', 'bad_value', { headers: [[headers.marker, '']] }),
  brought('a source of 100 kB', view, 'page_viewed', { headers: [[headers.source, `s3://b/${'k'.repeat(100_000)}#1`]] }),
  brought('a source of 100 kB of what is refused', () => '{', 'invalid_json', {
    headers: [[headers.source, `s3://b/${'k'.repeat(100_000)}#1`]],
  }),
  brought('a source that is no text', view, 'page_viewed', { headers: [[headers.source, garbage]] }),
  brought('a time of entry that is none', view, 'page_viewed', { headers: [[headers.received, 'soon']] }),
  brought('1,000 sources', view, 'page_viewed', { headers: Array.from({ length: 1000 }, (_, i) => [headers.source, `s${i}`] as const) }),
  brought('an id of 100 kB', sound => sound('xapi_other_mbox'), 'other', { headers: [[headers.assignedId, 'i'.repeat(100_000)]] }),
  brought('a header without a name', view, 'page_viewed', { headers: [['', '']] }),
  brought('a header of 1 MB where it does not belong', view, 'page_viewed', { home: false, headers: [['x', 'y'.repeat(1 << 20)]] }),
  brought('10,000 headers where it does not belong', view, 'page_viewed', {
    home: false,
    headers: Array.from({ length: 10_000 }, (_, i) => [`x${i}`, 'y'] as const),
  }),
  brought('a statement of just the limit', sized(limit), 'other'),
  brought('a statement of just the limit where it does not belong', sized(limit), 'other', { home: false }),
  brought('a statement of just the limit with 1 MB of headers', sized(limit), 'other', {
    home: false,
    headers: [
      [headers.source, randomText(1, 500_000)],
      ['x', randomText(2, 500_000)],
    ],
  }),
  // Moved, it has a key.
  brought('as much as the log takes, where it does not belong', sized(limit, 'n'.repeat(900)), 'other', {
    home: false,
    headers: [['x', randomText(6, (1 << 20) - 700)]],
  }),
  brought('a statement above the limit', sized(limit + 1), 'too_large'),
  brought('as much as the log takes', () => randomText(3, limit + 1_000_000), 'too_large'),
  brought('what is no statement, with 1 MB of headers', () => randomText(4, limit), 'invalid_json', {
    headers: [[headers.source, randomText(5, 1_000_000)]],
  }),
]
