import { judgeStore, type StoreTerms } from '../../../runtime/state/judge-store.js'
import { encodeHeader, type StoreHeader } from '../../../runtime/state/store-header.js'

const now = 1_700_000_000_000
const day = 86_400_000
const identity = { store: 'tributary-aggregate-g1-3', layout: 1, cluster: 'c', topics: { changelog: 't1', input: 't2' } }
const header: StoreHeader = { ...identity, position: 5, changelog: 100, producerId: 7, epoch: 3, mergedAt: now - day }
const terms: StoreTerms = { ...identity, low: 0, stable: 150, owner: { producerId: 7, epoch: 4 }, tombstonesKeptMs: 7 * day, now }
const judge = (held: Partial<StoreHeader>, asked: Partial<StoreTerms> = {}) =>
  judgeStore(encodeHeader({ ...header, ...held }), { ...terms, ...asked })

test('a store that the changelog leads on from is used', () => {
  expect(judge({})).toEqual({ usable: true, header })
  expect(judge({ changelog: 150 })).toMatchObject({ usable: true })
  expect(judge({ changelog: 0 })).toMatchObject({ usable: true })
})

test.each<[string, Partial<StoreHeader>, Partial<StoreTerms>, RegExp]>([
  ['of another task', { store: 'tributary-aggregate-g1-4' }, {}, /^foreign: it was made for tributary-aggregate-g1-4$/],
  ['of another role', { store: 'tributary-route-g1-3' }, {}, /^foreign: it was made for tributary-route-g1-3$/],
  ['of another cluster', { cluster: 'other' }, {}, /^foreign: .* cluster other$/],
  ['of another layout', { layout: 2 }, {}, /^foreign: its layout is 2, not 1$/],
  ['of a topic that was made anew', { topics: { changelog: 't0', input: 't2' } }, {}, /^foreign: changelog had id t0, and has t1$/],
  ['without an input that the position needs', { topics: { changelog: 't1' } }, {}, /^foreign: input had id \(none\), and has t2$/],
  ['of an input too many', { topics: { ...identity.topics, old: 't9' } }, {}, /^foreign: old had id t9, and has \(none\)$/],
  ['ahead of its changelog', { changelog: 151 }, {}, /^future: it is at offset 151 of a changelog that ends at 150$/],
  ['written by a later epoch', { epoch: 5 }, {}, /^future: epoch 5 wrote it, and this is epoch 4$/],
  ['behind what is left of its changelog', { changelog: 9 }, { low: 10 }, /^behind: .* 9 .* 10$/],
  ['older than half of the time that tombstones are kept', { mergedAt: now - 3.6 * day }, {}, /^stale: the last merge is 311040000 ms ago/],
  ['of a time to come', { mergedAt: now + 2 * 60_000 }, {}, /^stale: its age cannot be told/],
])('a store is not used that is %s', (_, held, asked, why) => {
  const verdict = judge(held, asked)
  expect(verdict).toEqual({ usable: false, why: expect.stringMatching(why) })
})

test('nor one that is missing or torn', () => {
  expect(judgeStore(null, terms)).toEqual({ usable: false, why: expect.stringMatching(/^missing: /) })
  const bytes = encodeHeader(header)
  expect(judgeStore(bytes.subarray(0, 20), terms)).toEqual({ usable: false, why: expect.stringMatching(/^torn: /) })
  expect(judgeStore(Buffer.alloc(0), terms)).toEqual({ usable: false, why: expect.stringMatching(/^torn: /) })
})

test('age is no matter where the changelog keeps its records, nor a little of it where the clock was set back', () => {
  expect(judge({ mergedAt: now - 1000 * day }, { tombstonesKeptMs: null })).toMatchObject({ usable: true })
  expect(judge({ mergedAt: now + 30_000 })).toMatchObject({ usable: true })
})

test('producer ids are not ordered among brokers: another one is no sign of the future', () => {
  expect(judge({ producerId: 9000, epoch: 30_000 })).toMatchObject({ usable: true })
})
