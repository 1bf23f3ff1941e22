import { makeCoverage } from '../../../runtime/sink/coverage.js'
import type { RouteLedger } from '../../../schemas/route-ledger.js'
import type { EventTopicId } from '../../../schemas/topics.js'
import { plainLedger } from '../../driver/plain-ledger.js'

const at = (next: number, ends: Partial<Record<EventTopicId, number>>): RouteLedger => ({
  ...plainLedger,
  position: { next, records: next, received: next * 10, ends },
})
const reader = (video: number, attempt: number) =>
  new Map<EventTopicId, number>([
    ['events.video', video],
    ['events.attempt', attempt],
  ])

test('an xapi position is covered only when the reader is past the outputs of every topic', () => {
  const coverage = makeCoverage(0, 0, 0)
  coverage.onLedger(at(5, { 'events.video': 3 }), 100)
  coverage.onLedger(at(9, { 'events.video': 3, 'events.attempt': 7 }), 102)
  coverage.advance(reader(2, 0), 103)
  expect(coverage.covered).toEqual({ xapi: 0, received: 0 })
  expect(coverage.resume).toBe(100)
  coverage.advance(reader(3, 6), 103)
  expect(coverage.covered).toEqual({ xapi: 5, received: 50 })
  expect(coverage.resume).toBe(102)
  coverage.advance(reader(3, 7), 103)
  expect(coverage.covered).toEqual({ xapi: 9, received: 90 })
  expect(coverage.resume).toBe(103)
})

test('topics that no dataset kind reads do not hold it up', () => {
  const coverage = makeCoverage(0, 0, 0)
  coverage.onLedger(at(5, { 'events.other': 3 }), 0)
  coverage.advance(reader(0, 0), 1)
  expect(coverage.covered.xapi).toBe(5)
})

test('what is covered never goes back: a ledger that is read again tells nothing new', () => {
  const coverage = makeCoverage(9, 90, 100)
  coverage.onLedger(at(5, { 'events.video': 3 }), 100)
  coverage.advance(reader(3, 7), 103)
  expect(coverage.covered).toEqual({ xapi: 9, received: 90 })
})
