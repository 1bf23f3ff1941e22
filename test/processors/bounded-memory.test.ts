import type { Json, Memory } from '../../processors/aggregate.js'
import { engagement } from '../../processors/engagement.js'
import type { Event } from '../../schemas/event.js'
import { seeded } from '../schemas/random.js'
import { inputOf } from './drive.js'
import { randomEvents } from './random-events.js'

/** Values as they are: of forty thousand events every one as text would take a minute. */
function objectMemory() {
  const values = new Map<string, Json>()
  let written = 0
  const memory: Memory = {
    get: <Value extends Json>(_: string, key: string) => values.get(key) as Value | undefined,
    put(_, key, value) {
      written++
      values.set(key, value)
    },
    delete: (_, key) => void values.delete(key),
  }
  return { memory, values, writes: () => written }
}

const many = 40_000
const minute = 60_000_000

/** A learner who does everything at once, and one who does one thing every 31 minutes. */
function hyperactive(): Event[] {
  const random = seeded(7)
  const events = randomEvents(random, many, { learners: 1, guids: 10_000, sources: 5000, minutes: 1500 })
  return events.map((event, n) => {
    const id = n.toString(16).padStart(8, '0').padEnd(32, '0')
    const page = `page-${random.below(5000)}`
    const object = `https://video.test/${random.below(300)}/${'x'.repeat(random.below(100))}`
    const from = random.below(7_000_000) / 1000
    return {
      ...event,
      id,
      object,
      ...('page' in event ? { page } : {}),
      ...('playedSegments' in event ? { length: null, playedSegments: `${from}[.]${from + 0.4}` } : {}),
    } as Event
  })
}

const everything = hyperactive()
const nowAndThen = everything.map((event, n): Event => ({ ...event, at: n * 31 * minute }))

test.each<[string, readonly Event[]]>([
  ['everything at once', everything],
  ['every 31 minutes', nowAndThen],
])('%s: after 40,000 events no value is large, and an event writes a few', (_, events) => {
  const { memory, values, writes } = objectMemory()
  for (const event of events) engagement.step(inputOf(event), memory)
  const sizes = [...values].map(([key, value]) => [JSON.stringify(value).length, key] as const)
  expect(sizes.filter(([size]) => size > 8000)).toEqual([])
  expect(values.size).toBeGreaterThan(many / 3)
  expect(writes() / many).toBeLessThan(6)
})
