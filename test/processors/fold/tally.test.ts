import { emptyTally, measuresOf, withEvent, withoutPart } from '../../../processors/fold/tally.js'
import type { Event } from '../../../schemas/event.js'
import { kinds } from '../../../schemas/event.js'
import { seeded } from '../../schemas/random.js'

const event = (kind: string) => ({ at: 5, kind }) as Event
const part = (score: number) => ({ correct: 0, score, outOf: score, hints: 0 })

test('counts are kept by the place of their kind: none may move', () => {
  expect(kinds.slice(0, 12)).toEqual([
    'part_attempt',
    'activity_attempt',
    'page_attempt',
    'page_viewed',
    'video_played',
    'video_paused',
    'video_seeked',
    'video_completed',
    'tutor_message',
    'experiment_condition_assigned',
    'experiment_attribution',
    'other',
  ])
  expect(measuresOf(withEvent(emptyTally(5), event('other'), 0, 0, null)).events).toEqual({ other: 1 })
  expect(() => withEvent(emptyTally(5), event('news'), 0, 0, null)).toThrow('of kind news, which a later release has made')
})

test('sums of any points are exact, whatever was added first, and stay in the range of Avro', () => {
  const random = seeded(1)
  const scores = Array.from({ length: 2000 }, () => (random.below(2_000_001) - 1_000_000) * random.pick([1, 1, 1_000_000_000 - 1]))
  const added = random.shuffle(scores).reduce((tally, score) => withEvent(tally, event('part_attempt'), 0, 0, part(score)), emptyTally(5))
  const exact = scores.reduce((sum, score) => sum + BigInt(score), 0n)
  const clamped = exact < -(2n ** 52n) ? -(2n ** 52n) : exact > 2n ** 53n - 2n ? 2n ** 53n - 2n : exact
  expect(BigInt(measuresOf(added).score)).toBe(clamped)
  const left = random.shuffle(scores.slice(1)).reduce((tally, score) => withoutPart(tally, part(score)), added)
  expect(measuresOf(left).score).toBe(scores[0])
  const most = Array.from({ length: 20 }, () => part(1e15)).reduce(
    (tally, p) => withEvent(tally, event('part_attempt'), 0, 0, p),
    emptyTally(5),
  )
  expect(measuresOf(most)).toMatchObject({ score: 2 ** 53 - 2, partsAttempted: 20 })
})
