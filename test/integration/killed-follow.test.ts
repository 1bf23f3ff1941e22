import type { FaultPoint } from '../../runtime/fault.js'
import { headerText } from '../../runtime/log.js'
import { start } from '../driver/command-line.js'
import { eventMessage } from '../driver/event-message.js'
import { startFaulty } from '../driver/faulty-role.js'
import { sourcesOf } from '../driver/follow.js'
import { startInstance } from '../driver/instance.js'
import { namedNow, type StoredObject, uploads } from '../driver/objects.js'
import { type QueueServer, startQueueServer } from '../driver/queue-server.js'
import { makeWorld } from '../driver/real-world.js'
import { deadLettersOf, recordsOf, rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { countOf, kindsOfDataset, statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'
import { startZombie } from '../driver/zombie.js'

const facts = 1000
const objects = uploads(1, 'video', [...statements(0, facts), '{"spoilt', ...statements(50, 100)], 25)
const films = countOf(0, facts, kindsOfDataset.video)
// A dead member is missed after this long; six seconds are the least that a broker takes.
const env = { SESSION_TIMEOUT_MS: '6000' }

/** The settings of the role. */
const settings = (world: World, queue: string | null) => ({
  FOLLOW_BUCKET: world.bucket,
  FOLLOW_PREFIXES: 'section/',
  FOLLOW_EVERY_SECONDS: '1',
  ...(queue === null ? {} : { FOLLOW_QUEUE_URL: queue }),
})

/** The role in a process that dies at its point, or (without one) runs until the test ends. Resolves with how it ended. */
function launch(world: World, point: FaultPoint | '', queue: string | null): Promise<string> {
  const told = { ...world, env: { ...world.env, ...settings(world, queue) } }
  return startFaulty(told, 'follow', point === '' ? [] : [[point, 'SIGKILL']]).ended
}

/** As somebody uploads them now. */
async function upload(world: World, some: readonly StoredObject[], server: QueueServer | null = null): Promise<void> {
  const named = namedNow(some, Date.now())
  await world.put(named)
  for (const { key } of named) server?.queue.send(eventMessage(world.bucket, [key]))
}

async function prepare(): Promise<World> {
  const world = await makeWorld({ env })
  startRoles(world)
  await world.apply({ id: 'films', kind: 'video' })
  return world
}

async function allRead(world: World, server: QueueServer | null): Promise<void> {
  await until(world, 'all objects in the ledger', 60, async () => (await sourcesOf(world)).objects.size === objects.length || null)
  if (server !== null) await until(world, 'the queue to be empty', 60, () => server.queue.bodies.length === 0 || null)
}

/** Every line is in the log, every fact is one event, and the ledger has every object whole. */
async function expectAll(world: World): Promise<void> {
  await world.complete('films')
  expect((await rowsOf(world, 'films')).rows).toHaveLength(films)
  expect((await deadLettersOf(world)).map(({ code }) => code)).toEqual(['invalid_json'])
  const sources = (await recordsOf(world, 'xapi')).flatMap(record => headerText(record, 'source') ?? [])
  expect(new Set(sources).size).toBe(facts + 51)
  const { objects: entries } = await sourcesOf(world)
  expect([...entries.values()].reduce((sum, { published }) => sum + published, 0)).toBe(facts + 51)
  const { ok, problems, ledger } = await world.verify()
  expect([ok, problems, ledger.events]).toEqual([true, [], facts])
}

const points = ['follow.afterSend', 'follow.afterLedger', 'follow.afterDelete', 'follow.afterRecord'] as const

test.each(['listing', 'queue'] as const)(
  'by %s, kill -9 at each of its worst moments: everything is there once',
  async by => {
    const world = await prepare()
    const server = by === 'queue' ? await startQueueServer({ hiddenAtMost: 2 }) : null
    if (server !== null) world.atEnd(() => server.close())
    const deadly = points.filter(point => server !== null || point !== 'follow.afterDelete')
    const share = Math.ceil(objects.length / (deadly.length + 1))
    for (const [i, point] of deadly.entries()) {
      await upload(world, objects.slice(i * share, (i + 1) * share), server)
      expect(await launch(world, point, server?.url ?? null)).toBe('SIGKILL')
    }
    await upload(world, objects.slice(deadly.length * share), server)
    launch(world, '', server?.url ?? null).catch(() => undefined)
    await allRead(world, server)
    await expectAll(world)
  },
  150_000,
)

test('a follow that is killed by kill -9 again and again while objects arrive; Ctrl-C prints its sum', async () => {
  const world = await prepare()
  const args = ['follow', '--bucket', world.bucket, '--section', '1', '--every', '1', '--json']
  const kills = 5
  const share = Math.ceil(objects.length / (kills + 1))
  for (let kill = 0; kill < kills; kill++) {
    const running = start(world, args)
    const before = (await sourcesOf(world)).objects.size
    await upload(world, objects.slice(kill * share, (kill + 1) * share))
    await until(world, 'some of them to be read', 60, async () => (await sourcesOf(world)).objects.size > before + kill || null)
    running.child.kill('SIGKILL')
    await running.ended
  }
  const last = start(world, args)
  await upload(world, objects.slice(kills * share))
  await allRead(world, null)
  last.child.kill('SIGINT')
  const { code, stdout } = await last.ended
  expect(code).toBe(0)
  const sum = JSON.parse(stdout) as { objects: number; lines: number; blank: number; published: number; refused: object; messages: null }
  expect(sum.objects).toBeGreaterThanOrEqual(objects.length - kills * share)
  expect(sum).toMatchObject({ lines: sum.blank + sum.published, blank: 0, refused: {}, gone: 0, left: 0, messages: null })
  await expectAll(world)
})

test('a follow that slept while another took over repeats at most what it had begun: everything is there once', async () => {
  const world = await prepare()
  const zombie = startZombie({ ...world, env: { ...world.env, ...settings(world, null) } }, 'follow', ['follow.afterSend'])
  await upload(world, objects)
  await zombie.stopped('follow.afterSend')
  launch(world, '', null).catch(() => undefined)
  await allRead(world, null)
  const before = await sourcesOf(world)
  zombie.wake()
  // It finds that its tasks went to another, after the entry that it was about to write.
  await until(world, 'it to be told', 60, () => zombie.log().includes('tasks revoked') || zombie.log().includes('ended') || null)
  await expectAll(world)
  const after = await sourcesOf(world)
  expect([...after.objects].map(([key, { etag, lines }]) => [key, etag, lines]).sort()).toEqual(
    [...before.objects].map(([key, { etag, lines }]) => [key, etag, lines]).sort(),
  )
})

test('run starts the role follow where it is configured, and starts it again when it was killed', async () => {
  const world = await makeWorld({ env })
  await world.apply({ id: 'films', kind: 'video' })
  const instance = startInstance({ ...world, env: { ...world.env, ...settings(world, null) } })
  await upload(world, objects.slice(0, 20))
  await until(world, 'the first to be read', 60, async () => (await sourcesOf(world)).objects.size === 20 || null)
  await instance.killRole('follow')
  await upload(world, objects.slice(20))
  await allRead(world, null)
  await expectAll(world)
  expect(await instance.stop()).toBe(0)
})
