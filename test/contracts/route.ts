import { type Outcome, type RouteInput, route } from '../../processors/route/route.js'
import { seenKey } from '../../processors/route/seen-key.js'
import { topicOfKind } from '../../schemas/topics.js'
import { frozen } from '../processors/drive.js'
import { statements } from '../processors/route/statements.js'
import { seeded } from '../schemas/random.js'

const spoilt = ['{"spoilt', '[]', '{}', '\u0000']
const inputs = [...Object.values(statements), ...spoilt].map((text): RouteInput => frozen({ value: Buffer.from(text), partition: 0 }))

/** Outcomes of one after the other, with what was seen before. */
function drive(given: readonly RouteInput[]): Outcome[] {
  const seen = new Set<string>()
  const name = (key: Buffer) => key.toString('hex')
  return given.map(input => {
    const outcome = route.step(input, { partitions: 1, maxBytes: 1 << 20, seen: key => seen.has(name(key)) })
    if (outcome.outcome === 'event') seen.add(name(seenKey(outcome.event)))
    if (outcome.outcome === 'event' || outcome.outcome === 'duplicate') for (const event of outcome.derived) seen.add(name(seenKey(event)))
    return outcome
  })
}

/** Every event that came out, once, and every refusal, in an order that is none. */
function factsOf(outcomes: readonly Outcome[]) {
  const events = outcomes.flatMap(outcome => {
    if (outcome.outcome !== 'event' && outcome.outcome !== 'duplicate') return []
    return [...(outcome.outcome === 'event' ? [outcome.event] : []), ...outcome.derived]
  })
  return events.map(event => `${topicOfKind[event.kind]} ${event.id}`).sort()
}

const refusals = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap(each => (each.outcome === 'dead-letter' ? [each.refusal.code] : [])).sort()

export function routeContract(): void {
  const once = drive(inputs)

  test('the same input has the same outcome, and is left as it was', () => {
    const before = inputs.map(({ value }) => Buffer.from(value!))
    expect(drive(inputs)).toEqual(once)
    expect(inputs.map(({ value }) => value)).toEqual(before)
    expect(refusals(once)).toHaveLength(spoilt.length)
  })

  test('any order and any repeats make the same events, each once', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = seeded(seed)
      const all = random.shuffle([...inputs, ...inputs.filter(() => random.below(2) === 0)])
      const outcomes = drive(all)
      expect({ seed, facts: factsOf(outcomes) }).toEqual({ seed, facts: factsOf(once) })
      expect(new Set(refusals(outcomes))).toEqual(new Set(refusals(once)))
    }
  })

  test('every event survives JSON', () => {
    for (const outcome of once) if (outcome.outcome === 'event') expect(JSON.parse(JSON.stringify(outcome.event))).toEqual(outcome.event)
  })
}
