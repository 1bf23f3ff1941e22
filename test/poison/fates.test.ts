import { interpret } from '../../processors/route/interpret.js'
import type { Event } from '../../schemas/event.js'
import { topicOfKind, topics } from '../../schemas/topics.js'
import { avroTypeOf } from '../schemas/avro-type.js'
import { poisonLines, poisons } from './all.js'
import { limit } from './poison.js'

const lines = poisonLines()
const verdicts = lines.map(line => (line.length > limit ? null : interpret(line, {})))

test('no two are alike', () => {
  const names = poisons.map(({ name }) => name)
  expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([])
})

test('each has its fate', () => {
  const found = poisons.map(({ name, fate }, n) => {
    const verdict = verdicts[n]
    if (fate === 'blank' || verdict === undefined || verdict === null) return [name, lines[n]!.length > limit ? 'too_large' : 'blank']
    return [name, verdict.ok ? verdict.event.kind : verdict.refusal.code]
  })
  expect(found).toEqual(poisons.map(({ name, fate }) => [name, fate]))
})

const events = verdicts.flatMap((verdict, n) =>
  verdict?.ok ? [verdict.event, ...verdict.derived].map(event => [poisons[n]!.name, event] as const) : [],
)
/** Long text is compared by its end: a difference is shown, megabytes are not. */
const shown = (event: Event) =>
  JSON.stringify(event, (_, value) => (typeof value === 'string' && value.length > 500 ? `${value.length} … ${value.slice(-100)}` : value))

test('what becomes an event is read as it was written', () => {
  expect(events.length).toBeGreaterThan(1000)
  for (const [name, event] of events) {
    const type = avroTypeOf(topics[topicOfKind[event.kind]].avro!)
    const bytes = type.toBuffer(event)
    expect([name, shown(type.fromBuffer(bytes))]).toEqual([name, shown(event)])
  }
})

test('no two facts have one id', () => {
  const byId = new Map<string, string>()
  for (const [name, event] of events) {
    const id = event.id
    expect([id, byId.get(id) ?? name]).toEqual([id, name])
    byId.set(id, name)
  }
})

/** What people wrote, and the names that they gave to things; short words may stand in any sentence. */
function saidIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  const ours =
    /^http|^(actor|account|name|homePage|mbox|verb|object|definition|type|context|extensions|result|score|message|timestamp|subType)$/
  return Object.entries(value).flatMap(([key, held]) => [...(ours.test(key) ? [] : [key]), ...saidIn(held)])
}

test('a reason says what is wrong, and nothing that anybody wrote', () => {
  for (const [n, verdict] of verdicts.entries()) {
    if (verdict === null || verdict.ok) continue
    const { name } = poisons[n]!
    const { code, reason } = verdict.refusal
    expect([name, reason]).toEqual([name, expect.stringMatching(/^[\w .,;-]{8,120}$/)])
    // Nested for the sake of nesting: nobody says anything there.
    if (code.startsWith('invalid') || /100,000|1,000/.test(name)) continue
    const told = saidIn(JSON.parse(lines[n]!.toString())).filter(text => text.length > 4 && reason.includes(text))
    expect([name, told]).toEqual([name, []])
  }
})

test('none takes long', () => {
  for (const [n, line] of lines.entries()) {
    if (line.length > limit) continue
    const before = process.cpuUsage()
    interpret(line, {})
    const { user, system } = process.cpuUsage(before)
    // Where a loop was square it took seconds; the most is a tenth of that.
    if (user + system > 1_500_000) throw new Error(`${poisons[n]!.name}: ${(user + system) / 1000} ms`)
  }
})
