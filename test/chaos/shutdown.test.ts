/** How processes end: told once, told twice, without their supervisor, and with a server that does not answer. Nothing outlives it. */

import { readManifest } from '../../runtime/datasets/read.js'
import { roleNames } from '../../runtime/roles.js'
import { readSinkRecords } from '../../runtime/sink/sink-records.js'
import { groupName, topicName } from '../../schemas/topics.js'
import { membersOf } from '../driver/cluster-admin.js'
import { start } from '../driver/command-line.js'
import { deepCheck } from '../driver/deep-check.js'
import { type Instance, startInstance } from '../driver/instance.js'
import { batchesOf, startLive } from '../driver/live.js'
import { outcomeOf } from '../driver/outcome.js'
import { type OwnBroker, ownBroker } from '../driver/own-broker.js'
import { type FaultProxy, startProxy } from '../driver/proxy.js'
import { makeWorld } from '../driver/real-world.js'
import { pointOf, recovered } from '../driver/recovery.js'
import { statement, statements } from '../driver/statements.js'
import { tasksOf } from '../driver/tasks.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const kinds = ['attempt_evaluated', 'page_viewed', 'video'] as const
/** More than a role takes, less than the 20 s after which `run` kills it. */
const deadlineSeconds = 15
const twiceMs = 700

let broker: OwnBroker
beforeAll(async () => {
  broker = await ownBroker()
})
afterAll(() => broker.close())

/** A role by itself, on the line that is watched. */
async function startRole(world: World, role: 'route' | 'sink' | 'publish') {
  const running = start({ ...world, env: { ...world.env, KAFKA_BROKERS: broker.proxied } }, ['run', '--role', role])
  await until(world, `${role} to have tasks`, 30, () => running.stderr().includes('tasks assigned') || null)
  return running
}

/** Until so many answers to fetches have gone to the roles: what was there before is read by then. */
async function fetched(world: World, times: number): Promise<void> {
  let seen = 0
  broker.proxy.rule(({ from, api }) => {
    if (from === 'server' && api === fetchApi) seen++
    return 'pass'
  })
  await until(world, `${times} fetches`, 20, () => seen >= times || null)
}
const fetchApi = 1

/** Statements that are in the files of every dataset; the live progress alone leaves out those that wait for their freshness. */
async function filed({ services: { log, naming, config } }: World): Promise<number> {
  let sum = 0
  for (let partition = 0; partition < config.partitions; partition++) {
    const { live } = await readSinkRecords(log, topicName('dataset-files', naming), partition)
    sum += Math.min(live.xapi, ...Object.values(live.waiting ?? {}).map(({ xapi }) => xapi))
  }
  return sum
}

test('SIGTERM: what was read is committed, what was rendered is in files, the group is left, exit code 0', async () => {
  // Nothing is written before its time, and that is far away.
  const world = await makeWorld({ env: { KAFKA_BROKERS: broker.direct, COMMIT_MS: '60000' } })
  for (const kind of kinds) await world.apply({ id: kind, kind, freshness: 300 })
  const { log, naming } = world.services
  const partitions = [...Array(world.services.config.partitions).keys()]
  const facts = 200
  const writer = await log.writer()
  const said: string[] = []
  const end = async (role: 'route' | 'sink' | 'publish', { child, ended }: Awaited<ReturnType<typeof startRole>>) => {
    const began = Date.now()
    child.kill('SIGTERM')
    expect([role, (await ended).code]).toEqual([role, 0])
    said.push(`${role} ${((Date.now() - began) / 1000).toFixed(1)} s`)
    expect([role, await membersOf([broker.direct], groupName(role, naming))]).toEqual([role, 0])
  }

  const sink = await startRole(world, 'sink')
  await until(world, 'every task of the sink to have taken up the datasets', 30, async () => {
    const progress = await Promise.all(partitions.map(partition => readSinkRecords(log, topicName('dataset-files', naming), partition)))
    return progress.every(({ live }) => Object.keys(live.joined).length === kinds.length) || null
  })
  // Until its revision is shown a dataset is flushed each second.
  const showing = await startRole(world, 'publish')
  for (const kind of kinds) await until(world, `${kind} to be shown`, 60, () => readManifest(world.services, kind))
  await end('publish', showing)
  // The first rows of a task go out at once, so that a new dataset is soon there; those after them wait.
  for (const [at, told] of [facts / 2, facts].entries()) {
    const route = await startRole(world, 'route')
    await writer.send(batchesOf(world, statements((at * facts) / 2, told)))
    await fetched(world, 40)
    expect(await pointOf(world)).toMatchObject({ written: told, routed: (at * facts) / 2 })
    await end('route', route)
    expect((await pointOf(world)).routed).toBe(told)
    if (at === 0) await until(world, 'the first rows to be in files', 20, async () => (await filed(world)) > 0 || null)
  }
  await fetched(world, 20)
  expect(await filed(world)).toBeLessThan(facts)
  await end('sink', sink)
  expect(await filed(world)).toBe(facts)

  const publish = await startRole(world, 'publish')
  for (const kind of kinds) await world.complete(kind)
  await end('publish', publish)
  console.log(`from SIGTERM to the exit: ${said.join(', ')}`)
  expect(await world.verify()).toMatchObject({ ok: true, ledger: { events: facts } })
})

test('S3 and Kafka do not answer: told once, told twice or without a supervisor, everything ends, and nothing is lost', async () => {
  const world = await makeWorld({ env: { KAFKA_BROKERS: broker.direct, SESSION_TIMEOUT_MS: '6000' } })
  for (const kind of kinds) await world.apply({ id: kind, kind })
  const s3 = Number(new URL(world.env.S3_ENDPOINT!).port)
  const lines = await Promise.all([1, 2, 3].map(() => startProxy(s3, 'bytes')))
  for (const line of lines) world.atEnd(() => line.close())
  const [once, twice, orphaned] = lines.map(({ port }) =>
    startInstance({ ...world, env: { ...world.env, S3_ENDPOINT: `http://127.0.0.1:${port}` } }),
  ) as [Instance, Instance, Instance]
  const lonely = startInstance({ ...world, env: { ...world.env, KAFKA_BROKERS: broker.proxied } })
  const all = [once, twice, orphaned, lonely]
  await until(world, 'all to have tasks', 60, () => all.every(instance => tasksOf(instance).size === roleNames.length) || null)
  const live = startLive(world, 300, n => statement(n))
  await recovered(world)

  const held = new Set<FaultProxy>()
  for (const line of lines)
    line.rule(({ from }) => {
      if (from === 'client') held.add(line)
      return 'hold'
    })
  await until(world, 'every instance to wait for S3', 20, () => held.size === lines.length || null)
  broker.proxy.rule(() => 'hold')
  const began = Date.now()
  const seconds = () => (Date.now() - began) / 1000
  const said: string[] = []
  const gone = async (what: string, instance: Instance, limit: number) => {
    await until(world, `${what}: its roles to be gone`, limit, () => instance.roles().length === 0 || null)
    said.push(`${what}: ended after ${seconds().toFixed(1)} s`)
    expect([what, instance.log()]).toEqual([what, expect.not.stringContaining('was killed')])
  }
  const first = Promise.all([once, twice, lonely].map(instance => instance.terminate()))
  await orphaned.terminate('SIGKILL')
  await until(world, 'it to be no accident', 5, () => Date.now() - began > twiceMs || null)
  const again = twice.terminate()
  await Promise.all([
    again.then(code => expect([code, seconds()]).toEqual([143, expect.closeTo(twiceMs / 1000, 0)])),
    gone('told twice', twice, 5),
    gone('without a supervisor', orphaned, deadlineSeconds),
    gone('S3 hangs', once, deadlineSeconds),
    gone('Kafka hangs', lonely, deadlineSeconds),
  ])
  expect(await first).toEqual([0, 143, 0])

  for (const line of lines) line.rule(() => 'pass')
  broker.proxy.rule(() => 'pass')
  startInstance(world)
  said.push(`another instance goes on: ${await recovered(world)}`)
  const facts = await live.stop()
  for (const kind of kinds) await world.complete(kind, 90)
  console.log(said.join('\n'))
  expect(await outcomeOf(world, kinds)).toMatchObject({ problems: [], events: facts, letters: [] })
  expect((await deepCheck(world)).problems).toEqual([])
})
