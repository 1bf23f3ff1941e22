import { readManifest } from '../../../runtime/datasets/read.js'
import type { MemoryLog } from '../../../runtime/memory/memory-log.js'
import type { Manifest } from '../../../schemas/manifest.js'
import { topicName } from '../../../schemas/topics.js'
import { manifestKey, manifestVersionKey } from '../../../sinks/naming.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { homeOf } from '../../driver/produce.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import { steppingClock } from '../../driver/stepping-clock.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

const dayMs = 86_400_000

async function send(world: World, n: number): Promise<void> {
  const { log, naming } = world.services
  const text = statement(n, {}, 'page_viewed')
  const writer = await log.writer()
  const records = [{ key: null, value: Buffer.from(text) }]
  await writer.send([{ topic: topicName('xapi', naming), partition: homeOf(world, text), records }])
  await writer.close()
}

const shown = async (world: World): Promise<Manifest> => (await readManifest(world.services, 'views'))!
const when = (world: World, what: string, holds: (manifest: Manifest) => boolean) =>
  until(world, what, 60, async () => {
    const manifest = await readManifest(world.services, 'views')
    return manifest !== null && holds(manifest) ? manifest : null
  }).then(({ answer }) => answer)
const throughOf = ({ completeThrough }: Manifest) => Date.parse(completeThrough ?? '')
const hasRows = (wanted: number) => (manifest: Manifest) => manifest.counts.rows === wanted && manifest.completeThrough !== null

/** Both copies, as somebody wrote them who says so. */
async function rewrite(world: World, change: (manifest: Manifest) => object): Promise<void> {
  const { store, config } = world.services
  const manifest = await shown(world)
  const body = Buffer.from(JSON.stringify({ ...manifest, ...change(manifest) }))
  for (const key of [manifestKey('views'), manifestVersionKey('views', manifest.version)])
    await store.put(config.datasetsBucket, key, body, 'application/json')
}

test('a publisher whose clock is a day ahead says no later time than the log, nor does the next one', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  const { clock } = world.services
  startRoles(world, { roles: ['route', 'sink'] })
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await send(world, 1)
  const ahead = steppingClock(clock)
  ahead.step(dayMs)
  const stop = startRoles(world, { roles: ['publish'], between: services => ({ ...services, clock: ahead.clock }) })
  expect(throughOf(await when(world, 'row 1', hasRows(1)))).toBeLessThanOrEqual(clock.now())
  await stop()
  startRoles(world, { roles: ['publish'] })
  await send(world, 2)
  expect(throughOf(await when(world, 'row 2', hasRows(2)))).toBeLessThanOrEqual(clock.now())
  expect((await world.verify()).problems).toEqual([])
})

test('an idle partition is through the time of progress that is written again, so the dataset goes on without a record', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '2' })
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await send(world, 1)
  const first = throughOf(await when(world, 'row 1', hasRows(1)))
  const later = await when(world, 'a later time', manifest => throughOf(manifest) > first + 20_000)
  expect(later.positions.map(({ xapi }) => xapi).sort()).toEqual([0, 1])
  expect((await world.verify()).problems).toEqual([])
})

test('a time in the future, as older releases wrote it, is found by verify, and taken back as soon as a publisher runs', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  const { clock } = world.services
  startRoles(world, { roles: ['route', 'sink'] })
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await send(world, 1)
  const stop = startRoles(world, { roles: ['publish'] })
  await when(world, 'row 1', hasRows(1))
  await stop()
  const tomorrow = new Date(clock.now() + dayMs).toISOString()
  await rewrite(world, ({ positions }) => ({
    completeThrough: tomorrow,
    positions: positions.map(({ partition, next, xapi }) => ({ partition, next, xapi })),
  }))
  expect((await world.verify()).problems.join()).toContain(`completeThrough is ${tomorrow}, and dataset-files/0 has none after`)
  const older = (await shown(world)).version
  startRoles(world, { roles: ['publish'] })
  const newer = await when(world, 'a right time', manifest => manifest.version > older && manifest.completeThrough !== null)
  expect(throughOf(newer)).toBeLessThanOrEqual(clock.now())
  expect((await world.verify()).problems).toEqual([])
})

test('verify finds a time that passes a record which is not in', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  const stop = startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await send(world, 1)
  await when(world, 'row 1', hasRows(1))
  await stop()
  await send(world, 2)
  expect((await world.verify()).problems).toEqual([])
  const now = new Date(world.services.clock.now() + 1000).toISOString()
  await rewrite(world, () => ({ completeThrough: now }))
  expect((await world.verify()).problems.join()).toMatch(/xapi\/0 has a record of .* behind offset 1, which is not in/)
})

test('a broker whose clock was a day ahead for a moment: the time goes back when a later record shows it', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  const { clock, log } = world.services
  const { broker } = log as MemoryLog
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed' })
  broker.skewMs = dayMs
  await send(world, 1)
  await when(world, 'row 1', hasRows(1))
  broker.skewMs = 0
  await send(world, 2)
  expect(throughOf(await when(world, 'row 2', hasRows(2)))).toBeLessThanOrEqual(clock.now())
  expect((await world.verify()).problems).toEqual([])
})
