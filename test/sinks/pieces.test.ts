import type { EventTopicId } from '../../schemas/topics.js'
import { type MergeLimits, type Piece, planMerge } from '../../sinks/pieces.js'
import { random } from './random.js'

const limits: MergeLimits = { fanIn: 8, rows: 1_000, bytes: 64_000 }
const topic: EventTopicId = 'events.attempt'

function piece(sequence: number, more: Partial<Piece> = {}): Piece {
  return {
    sequence,
    topic,
    stays: false,
    level: 0,
    rows: 10,
    bytes: 500,
    firstOffset: sequence * 10,
    lastOffset: sequence * 10 + 9,
    ...more,
  }
}
const row = (count: number, more: Partial<Piece> = {}) => Array.from({ length: count }, (_, i) => piece(i, more))

it('merges eight neighbours of one level into one of the next', () => {
  expect(planMerge(row(7), limits)).toEqual([])
  expect(planMerge(row(9), limits)).toEqual([{ topic, level: 1, sequences: [0, 1, 2, 3, 4, 5, 6, 7], firstOffset: 0, lastOffset: 79 }])
  expect(planMerge(row(16), limits).map(merge => merge.sequences.length)).toEqual([8, 8])
})

it('goes by offsets, not by the order it is given', () => {
  expect(planMerge(row(8).reverse(), limits)[0]?.sequences).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})

it('keeps levels and topics apart', () => {
  expect(planMerge([...row(4, { level: 1 }), ...row(12).slice(4, 11)], limits)).toEqual([])
  expect(planMerge([...row(4), ...row(12, { topic: 'events.video' }).slice(4)], limits).map(merge => merge.topic)).toEqual(['events.video'])
})

it('makes one full file where eight do not fit', () => {
  const [merge] = planMerge(row(8, { rows: 300 }), limits)
  expect(merge?.sequences).toEqual([0, 1, 2])
  expect(planMerge(row(8, { bytes: 20_000 }), limits)[0]?.sequences).toEqual([0, 1, 2])
})

it('joins what lies before a full file, of any level, and leaves the full one', () => {
  const files = [piece(0, { level: 2, rows: 100 }), piece(1, { level: 1 }), piece(2), piece(3, { rows: 600 }), piece(4)]
  expect(planMerge(files, limits)).toEqual([{ topic, level: 3, sequences: [0, 1, 2], firstOffset: 0, lastOffset: 29 }])
  expect(planMerge(files.slice(2), limits)).toEqual([])
})

it('joins only files with pseudonyms of one key', () => {
  const files = row(16).map(file => (file.sequence === 3 ? { ...file, pseudonymKey: 'another' } : file))
  expect(planMerge(files, limits).map(merge => merge.sequences)).toEqual([
    [0, 1, 2],
    [4, 5, 6, 7, 8, 9, 10, 11],
  ])
})

it('leaves a file that stays, and joins nothing over it', () => {
  const files = row(10).map(file => ({ ...file, stays: file.sequence === 4 }))
  expect(planMerge(files, limits).map(merge => merge.sequences)).toEqual([[0, 1, 2, 3]])
  expect(
    planMerge(
      row(16).map(file => ({ ...file, stays: file.sequence < 8 })),
      limits,
    ).map(merge => merge.sequences),
  ).toEqual([[8, 9, 10, 11, 12, 13, 14, 15]])
})

interface Tracked extends Piece {
  readonly flushed: readonly { readonly sequence: number; readonly rows: number; readonly merges: number }[]
}

/** Flushes pieces of random sizes and merges until the plan is empty after each. */
function grow(seed: number, count: number, size: (next: () => number) => number): Tracked[] {
  const next = random(seed)
  let live: Tracked[] = []
  let sequence = 0
  let offset = 0
  for (let i = 0; i < count; i++) {
    const rows = Math.max(1, Math.floor(size(next)))
    const flushed = [{ sequence, rows, merges: 0 }]
    live.push({ ...piece(sequence++), rows, bytes: rows * 50, firstOffset: offset, lastOffset: offset + rows - 1, flushed })
    offset += rows + Math.floor(next() * 5)
    for (let plan = planMerge(live, limits); plan.length > 0; plan = planMerge(live, limits)) {
      for (const merge of plan) {
        const parts = merge.sequences.map(wanted => live.find(file => file.sequence === wanted)!)
        const merged = {
          ...merge,
          stays: false,
          sequence: sequence++,
          rows: parts.reduce((sum, file) => sum + file.rows, 0),
          bytes: parts.reduce((sum, file) => sum + file.bytes, 0),
          flushed: parts.flatMap(file => file.flushed.map(one => ({ ...one, merges: one.merges + 1 }))),
        }
        live = [...live.filter(file => !merge.sequences.includes(file.sequence)), merged]
      }
    }
  }
  return live.sort((a, b) => a.firstOffset - b.firstOffset)
}

const sizes: readonly (readonly [string, (next: () => number) => number])[] = [
  ['single rows', () => 1],
  ['small flushes', next => 1 + next() * 9],
  ['uneven flushes', next => 1 + next() ** 6 * 900],
  ['mostly small, now and then a whole file', next => (next() < 0.02 ? 1_000 : 1 + next() * 3)],
  ['half files', next => 300 + next() * 300],
  ['whole files', () => 1_000],
]

describe.each(sizes)('%s', (_, size) => {
  it.each([1, 2, 3])('merge cheaply into few files that hold every row once (seed %p)', seed => {
    const count = 1_500
    const live = grow(seed, count, size)
    const flushed = live.flatMap(file => file.flushed)
    expect(flushed.map(one => one.sequence).toSorted((a, b) => a - b)).toEqual(
      [...new Set(flushed.map(one => one.sequence))].toSorted((a, b) => a - b),
    )
    expect(flushed).toHaveLength(count)
    for (const file of live) {
      expect(file.rows).toBe(file.flushed.reduce((sum, one) => sum + one.rows, 0))
      expect(file.rows).toBeLessThanOrEqual(Math.max(limits.rows, file.flushed.length === 1 ? file.rows : 0))
    }
    for (const [i, file] of live.entries()) if (i > 0) expect(file.firstOffset).toBeGreaterThan(live[i - 1]!.lastOffset)
    const levels = Math.log(count) / Math.log(limits.fanIn)
    expect(Math.max(...flushed.map(one => one.merges))).toBeLessThanOrEqual(1 + levels)
    const total = flushed.reduce((sum, one) => sum + one.rows, 0)
    const bytes = total * 50
    expect(live.length).toBeLessThanOrEqual(4 * (total / limits.rows + bytes / limits.bytes) + (limits.fanIn - 1) * (levels + 1))
  })
})
