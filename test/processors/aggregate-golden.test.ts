import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Json } from '../../processors/aggregate.js'
import { decodeValue, encodeValue } from '../../processors/aggregate-value.js'
import { engagement } from '../../processors/engagement.js'
import type { Event } from '../../schemas/event.js'
import { drive, keyOf, type States, TextMemory } from './drive.js'
import { naiveStates } from './naive-states.js'
import { accepted, changed, statements } from './route/statements.js'

const file = (name: string) => new URL(`../golden/aggregates/${name}`, import.meta.url)

/** `UPDATE_GOLDEN=1` writes what came instead, to be reviewed in the diff; not over what a release has kept. */
function golden(name: string, value: unknown, kept = false): unknown {
  if ((process.env.UPDATE_GOLDEN === '1' && !kept) || !existsSync(file(name))) {
    if (process.env.CI) throw new Error(`golden file ${name} is missing`)
    writeFileSync(file(name), `${JSON.stringify(value, null, 2)}\n`)
  }
  return JSON.parse(readFileSync(file(name), 'utf8'))
}

function eventsOf(text: string): Event[] {
  const { event, derived } = accepted(text)
  return [event, ...derived]
}

const all = Object.values(statements).flatMap(eventsOf)

test('states of every kind alone, and of all together', () => {
  const states = (events: Event[]) => drive(engagement, [events]).states
  const made = Object.fromEntries(Object.entries(statements).map(([name, text]) => [name, states(eventsOf(text))]))
  expect({ ...made, all: states(all) }).toEqual(golden('states.json', { ...made, all: states(all) }))
})

/** Evaluated again, an hour later, with all points; and a second attempt half an hour after that. */
const later = [
  changed('part_attempt', ['timestamp'], '2025-02-03T05:05:06Z'),
  changed('part_attempt', ['timestamp'], '2025-02-03T05:35:06Z'),
].flatMap((text, i) => eventsOf(i === 0 ? regraded(text) : text.replace('ta-1"', 'ta-2"')))

function regraded(text: string): string {
  const statement = JSON.parse(text)
  statement.result.score = { raw: 1, max: 1 }
  return JSON.stringify(statement)
}

// What a release has written it must be able to go on with for ever. A new version adds a file; none is made again, unless events get
// other ids (`idRules`): the memory has some of their digits, and route sends nothing more to a log with ids by other rules.
test.each([1])('what version %i remembered is gone on with', version => {
  const { memory: now } = drive(engagement, [all])
  const written = Array.from(now.values, ([key, text]) => [key, encodeValue(engagement, JSON.parse(text) as Json).toString()])
  const kept = golden(`engagement-memory-v${version}.json`, Object.fromEntries(written), true) as Record<string, string>
  const upgraded = Object.entries(kept).map(
    ([key, text]) => [key, JSON.stringify(decodeValue(engagement, key, Buffer.from(text)))] as const,
  )
  const { states } = drive(engagement, [[...all, ...later]], new TextMemory(upgraded))
  const expected: Partial<States> = naiveStates([...all, ...later])
  for (const topic of engagement.to) {
    const everything = expected[topic]!
    const touched = Object.entries(everything).filter(([key]) => key.startsWith(keyOf(later[0]!)))
    expect(touched.length).toBeGreaterThan(0)
    expect(states[topic]).toMatchObject(Object.fromEntries(touched))
    for (const [key, state] of Object.entries(states[topic])) expect({ [key]: state }).toEqual({ [key]: everything[key] })
  }
})
