/**
 * S3 and the schema registry fail, hang or are slow while a history is replayed: work waits for them, and goes on by itself. `NIGHTLY=1`
 * lets S3 hang for five minutes, with the default settings.
 */
import { startInstance } from '../driver/instance.js'
import { startLoad } from '../driver/load.js'
import { uploads } from '../driver/objects.js'
import { outcomeOf } from '../driver/outcome.js'
import { type FaultProxy, type Rule, startProxy } from '../driver/proxy.js'
import { makeWorld } from '../driver/real-world.js'
import { pointOf, recovered } from '../driver/recovery.js'
import { statements } from '../driver/statements.js'
import { handOvers, settled } from '../driver/tasks.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const kinds = ['attempt_evaluated', 'page_viewed', 'video'] as const
const nightly = process.env.NIGHTLY === '1'
const facts = nightly ? 150_000 : 28_000
const lines = [...statements(0, facts), '{"spoilt', ...statements(50, 100)]
const linesPerSecond = 350
// A third of it is a heartbeat; six seconds are the least that a broker takes.
const sessionMs = nightly ? 10_000 : 6_000
/** Several sessions: a heartbeat that waited for an upload would cost the tasks. */
const stallMs = nightly ? 300_000 : 2.5 * sessionMs
const env = { SESSION_TIMEOUT_MS: String(sessionMs) }
/** What was under way when a server went may still come to its end. */
const graceMs = 2_000

const refusal = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
const refusing: Rule = ({ from }) => (from === 'client' ? { answer: refusal } : 'pass')
const hanging: Rule = () => 'hold'
const lateMs = 3_000
const slow: Rule = ({ from }) => (from === 'server' ? { delayMs: lateMs } : 'pass')

async function prepare(): Promise<World> {
  const world = await makeWorld({ env })
  for (const kind of kinds) await world.apply({ id: kind, kind })
  await world.put(uploads(1, 'all', lines, 500))
  return world
}

async function straight() {
  const world = await prepare()
  const instance = startInstance(world)
  await world.backfill()
  for (const kind of kinds) await world.complete(kind)
  const outcome = await outcomeOf(world, kinds)
  expect([outcome.problems, outcome.events, outcome.letters.length]).toEqual([[], facts, 1])
  await instance.stop()
  return outcome
}

async function inFront(world: World, variable: 'S3_ENDPOINT' | 'SCHEMA_REGISTRY_URL'): Promise<{ proxy: FaultProxy; url: string }> {
  const url = new URL(world.env[variable]!)
  const proxy = await startProxy(Number(url.port), 'bytes')
  world.atEnd(() => proxy.close())
  return { proxy, url: `http://127.0.0.1:${proxy.port}${url.pathname === '/' ? '' : url.pathname}` }
}

async function lasting(world: World, ms: number): Promise<void> {
  const began = Date.now()
  await until(world, 'the time to pass', ms / 1000 + 5, () => Date.now() - began >= ms || null)
}

test('S3 and the registry away or slow under load: progress waits and goes on by itself, and no task moves', async () => {
  const expected = await straight()
  const world = await prepare()
  const s3 = await inFront(world, 'S3_ENDPOINT')
  const registry = await inFront(world, 'SCHEMA_REGISTRY_URL')
  const proxied = { ...world, env: { ...world.env, S3_ENDPOINT: s3.url, SCHEMA_REGISTRY_URL: registry.url } }
  const instances = [startInstance(proxied), startInstance(proxied)]
  const load = startLoad(proxied, linesPerSecond)
  await until(world, 'the first rows to be in files', 60, async () => ((await pointOf(world)).filed > 0 ? true : null))
  const moves = await settled(world, instances, 2_000)
  const said: string[] = []

  for (const [name, rule, ms] of [
    ['S3 answers 503', refusing, 3_000] as const,
    [`S3 hangs for ${stallMs / 1000} s`, hanging, stallMs] as const,
  ]) {
    s3.proxy.rule(rule)
    await lasting(world, graceMs)
    const early = await pointOf(world)
    await lasting(world, ms)
    const late = await pointOf(world)
    s3.proxy.rule(() => 'pass')
    expect([name, late.filed]).toEqual([name, early.filed])
    said.push(`${name}: ${await recovered(world)}`)
    expect([name, handOvers(instances)]).toEqual([name, moves])
  }
  s3.proxy.rule(slow)
  await lasting(world, 2 * lateMs)
  s3.proxy.rule(() => 'pass')
  said.push(`every answer of S3 ${lateMs / 1000} s late: ${await recovered(world)}`)
  expect(handOvers(instances)).toBe(moves)

  // Who runs needs the registry no more; who starts waits for it.
  registry.proxy.rule(refusing)
  said.push(`registry answers 503: ${await recovered(world)}`)
  expect(handOvers(instances)).toBe(moves)
  const late = startInstance(proxied)
  await until(world, 'the new instance to miss the registry', 30, () => /registry/i.test(late.log()) || null)
  expect(late.log()).not.toContain('tasks assigned')
  registry.proxy.rule(() => 'pass')
  const { seconds } = await until(world, 'the new instance to take its share', 60, () => late.log().includes('tasks assigned') || null)
  said.push(`registry back: a waiting instance has tasks after ${seconds.toFixed(1)} s`)

  const runs = await load.finish()
  for (const kind of kinds) await world.complete(kind, 90)
  console.log([...said, `the slow backfill was started ${runs} ×`].join('\n'))
  expect(await outcomeOf(world, kinds)).toEqual(expected)
})
