import { nextWorth, spansOf } from '../../../runtime/sink/ledger-spans.js'
import type { RouteLedger } from '../../../schemas/route-ledger.js'
import { plainLedger } from '../../driver/plain-ledger.js'

const ledger = (section: string | null, host: string | null, first: number, last: number, end?: number): RouteLedger => ({
  ...plainLedger,
  host,
  section,
  spans: { 'events.video': { first, last } },
  position: end === undefined ? null : { next: 1, records: 1, received: 1, ends: { 'events.video': end } },
})
const records = [ledger(null, null, 0, 99, 100), ledger('a', 'h', 10, 19), ledger('a', 'i', 40, 49), ledger('b', 'h', 0, 99)]

test('a section is looked for between its first and last offset, everything unknown to the ledger is read', () => {
  const spans = spansOf(records, { section_ids: ['a'], host: null }, ['events.video', 'events.attempt'])
  expect(spans.get('events.video')).toEqual({ from: 10, until: 50, to: 100 })
  expect(spans.get('events.attempt')).toEqual({ from: 0, until: 0, to: 0 })
})

test('a host narrows it', () => {
  expect(spansOf(records, { section_ids: ['a'], host: 'i' }, ['events.video']).get('events.video')).toEqual({
    from: 40,
    until: 50,
    to: 100,
  })
})

test('a section that never occurred is skipped up to what the ledger knows', () => {
  expect(spansOf(records, { section_ids: ['z'], host: null }, ['events.video']).get('events.video')).toEqual({
    from: 100,
    until: 0,
    to: 100,
  })
})

test('where the records have a rest, any section may be in it', () => {
  const rest = { ...ledger(null, null, 60, 69), rest: true }
  for (const host of [null, 'i'])
    expect(spansOf([...records, rest], { section_ids: ['z'], host }, ['events.video']).get('events.video')).toEqual({
      from: 60,
      until: 70,
      to: 100,
    })
})

test('no offset that can hold a row is skipped, and never one beyond the limit', () => {
  for (let from = 0; from <= 6; from++)
    for (let until = from; until <= 6; until++)
      for (let to = until; to <= 7; to++)
        for (let limit = 0; limit <= 9; limit++)
          for (let offset = 0; offset <= limit; offset++) {
            const next = nextWorth({ from, until, to }, offset, limit)
            expect(next).toBeGreaterThanOrEqual(offset)
            expect(next).toBeLessThanOrEqual(limit)
            for (let skipped = offset; skipped < next; skipped++) expect(skipped < to && (skipped < from || skipped >= until)).toBe(true)
          }
})
