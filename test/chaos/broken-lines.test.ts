/**
 * A broker of its own behind a proxy that breaks the line in every way, then the broker itself by `kill -9`.
 * `NIGHTLY=1` adds the faults that a client sees only by its time-out of 30 s (about 4 minutes more).
 */
import { startInstance } from '../driver/instance.js'
import { startLoad } from '../driver/load.js'
import { uploads } from '../driver/objects.js'
import { outcomeOf } from '../driver/outcome.js'
import { type OwnBroker, ownBroker } from '../driver/own-broker.js'
import type { Passing, Rule, Verdict } from '../driver/proxy.js'
import { makeWorld } from '../driver/real-world.js'
import { pointOf, recovered } from '../driver/recovery.js'
import { statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const nightly = process.env.NIGHTLY === '1'
const kinds = ['attempt_evaluated', 'page_viewed', 'video'] as const
const facts = nightly ? 100_000 : 28_000
const lines = [...statements(0, facts), '{"spoilt', ...statements(50, 100)]
const linesPerSecond = 400
// A dead member is missed after this long; six seconds are the least that a broker takes.
const sessionMs = 6_000
const env = { SESSION_TIMEOUT_MS: String(sessionMs) }

let broker: OwnBroker
let expected: Awaited<ReturnType<typeof straight>>
beforeAll(async () => {
  broker = await ownBroker()
  expected = await straight()
})
afterAll(() => broker.close())

async function prepare(): Promise<{ world: World; proxied: World }> {
  const world = await makeWorld({ env: { ...env, KAFKA_BROKERS: broker.direct } })
  for (const kind of kinds) await world.apply({ id: kind, kind })
  await world.put(uploads(1, 'all', lines, 500))
  return { world, proxied: { ...world, env: { ...world.env, KAFKA_BROKERS: broker.proxied } } }
}

async function straight() {
  const { world } = await prepare()
  const instance = startInstance(world)
  await world.backfill()
  for (const kind of kinds) await world.complete(kind)
  const outcome = await outcomeOf(world, kinds)
  expect([outcome.problems, outcome.events, outcome.letters.length]).toEqual([[], facts, 1])
  await instance.stop()
  return outcome
}

interface Fault {
  readonly name: string
  readonly rule: Rule
  /** The fault is over after so long, or when it has happened so often. */
  readonly forMs?: number
  readonly times?: number
}

const endTxn = 26
const any = () => true
const answers = ({ from }: Passing) => from === 'server'
const endTxnOf = (side: Passing['from']) => (passing: Passing) => passing.api === endTxn && passing.from === side
const on =
  (which: (passing: Passing) => boolean, verdict: Verdict): Rule =>
  passing =>
    which(passing) ? verdict : 'pass'

const faults: readonly Fault[] = [
  { name: 'every connection is reset, for 2 s', rule: on(any, 'cut'), forMs: 2_000 },
  { name: 'everything is 300 ms late, for 3 s', rule: on(any, { delayMs: 300 }), forMs: 3_000 },
  { name: 'half-closed after an answer', rule: on(answers, 'end'), times: 10 },
  { name: 'cut in the middle of an answer', rule: on(answers, 'torn'), times: 10 },
  { name: 'nothing gets through, for longer than a session', rule: on(any, 'hold'), forMs: sessionMs + 2_000 },
  { name: 'EndTxn lost before it was applied', rule: on(endTxnOf('client'), 'cut'), times: 6 },
  { name: 'answer of EndTxn lost after it was applied', rule: on(endTxnOf('server'), 'cut'), times: 6 },
  { name: 'EndTxn is 1.5 s late', rule: on(endTxnOf('client'), { delayMs: 1_500 }), times: 4 },
  { name: 'answer of EndTxn is 1.5 s late', rule: on(endTxnOf('server'), { delayMs: 1_500 }), times: 4 },
  ...(nightly
    ? ([
        { name: 'black hole, connections stay open, for 10 s', rule: on(any, 'swallow'), forMs: 10_000 },
        { name: 'EndTxn vanishes', rule: on(endTxnOf('client'), 'swallow'), times: 2 },
        { name: 'answer of EndTxn vanishes', rule: on(endTxnOf('server'), 'swallow'), times: 2 },
        { name: 'EndTxn is later than its time-out', rule: on(endTxnOf('client'), { delayMs: 35_000 }), times: 2 },
      ] satisfies Fault[])
    : []),
]

/** Breaks the line and mends it. Returns how often something was broken. */
async function suffer(world: World, { name, rule, forMs, times }: Fault): Promise<number> {
  let happened = 0
  broker.proxy.rule(passing => {
    if (happened === times) return 'pass'
    const verdict = rule(passing)
    if (verdict !== 'pass') happened++
    return verdict
  })
  const began = Date.now()
  await until(world, `${name}: to happen`, 60, () => (forMs === undefined ? happened === times : Date.now() - began >= forMs) || null)
  broker.proxy.rule(() => 'pass')
  return happened
}

test('a line that breaks in every way loses nothing, doubles nothing, and all goes on by itself', async () => {
  const { world, proxied } = await prepare()
  startInstance(proxied)
  startInstance(proxied)
  const load = startLoad(proxied, linesPerSecond)
  await until(world, 'the first statements to be routed', 60, async () => ((await pointOf(world)).routed > 0 ? true : null))
  const said: string[] = []
  for (const fault of faults) {
    const happened = await suffer(world, fault)
    expect([fault.name, happened > 0]).toEqual([fault.name, true])
    said.push(`${fault.name} (${happened} ×): ${await recovered(world)}`)
  }
  const runs = await load.finish()
  for (const kind of kinds) await world.complete(kind, 90)
  console.log([...said, `the slow backfill was started ${runs} ×`].join('\n'))
  expect(await outcomeOf(world, kinds)).toEqual(expected)
})

test('kill -9 of the broker under load, and it comes back: nothing lost, nothing twice, all roles resume', async () => {
  const { world } = await prepare()
  startInstance(world)
  startInstance(world)
  const load = startLoad(world, linesPerSecond)
  await until(world, 'the first statements to be routed', 60, async () => ((await pointOf(world)).routed > 0 ? true : null))
  const said: string[] = []
  for (let deaths = 0; deaths < (nightly ? 8 : 1); deaths++) {
    const began = Date.now()
    await broker.kill()
    await broker.start()
    const back = (Date.now() - began) / 1000
    said.push(`broker back after ${back.toFixed(1)} s; ${await recovered(world)} from then on`)
  }
  const runs = await load.finish()
  for (const kind of kinds) await world.complete(kind, 90)
  console.log([...said, `the slow backfill was started ${runs} ×`].join('\n'))
  expect(await outcomeOf(world, kinds)).toEqual(expected)
})
