import { readManifest } from '../../runtime/datasets/read.js'
import { silentLogger } from '../../runtime/logger.js'
import { memoryStore } from '../../runtime/memory/memory-store.js'
import { makeUploads } from '../../runtime/sink/uploads.js'
import { topicName } from '../../schemas/topics.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { homeOf } from '../driver/produce.js'
import { startRoles } from '../driver/roles.js'
import { statement } from '../driver/statements.js'
import { steppingClock } from '../driver/stepping-clock.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const hourMs = 3_600_000

async function send(world: World, n: number): Promise<void> {
  const { log, naming } = world.services
  const text = statement(n, {}, 'page_viewed')
  const writer = await log.writer()
  const records = [{ key: null, value: Buffer.from(text) }]
  await writer.send([{ topic: topicName('xapi', naming), partition: homeOf(world, text), records }])
  await writer.close()
}

const rows = (world: World, wanted: number) =>
  until(world, `row ${wanted}`, 30, async () => ((await readManifest(world.services, 'views'))?.counts.rows === wanted ? true : null))

test.each([
  ['back', -hourMs],
  ['forward', hourMs],
])('the clocks of all machines are set %s by an hour: rows go on becoming files, and files manifests', async (_, ms) => {
  const world = await makeMemoryWorld({ PARTITIONS: '1', COMMIT_MS: '2000' })
  const machine = steppingClock(world.services.clock)
  startRoles(world, { between: services => ({ ...services, clock: machine.clock }) })
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await send(world, 1)
  await rows(world, 1)
  for (const n of [2, 3, 4]) {
    await send(world, n)
    if (n === 3) machine.step(ms)
  }
  // The batch that route had open, the rows that the sink gathers, and what publish has seen lately are all of the time before.
  await rows(world, 4)
  await send(world, 5)
  await rows(world, 5)
})

test('the budget of PUTs is one of time that passes, not of the time of day', async () => {
  const slept: number[] = []
  const machine = steppingClock({
    now: () => 1e12,
    monotonic: () => 5000,
    sleep: async ms => void slept.push(ms),
    uuid: () => '',
  })
  const store = memoryStore(() => 0)
  await store.ensureBucket('b')
  const uploads = makeUploads(store, 'b', 50, machine.clock, silentLogger)
  await uploads.create('a', Buffer.from('a'), '', '')
  machine.step(-hourMs)
  for (let i = 0; i < 60; i++) await uploads.create(`b${i}`, Buffer.from('b'), '', '')
  expect(Math.max(...slept)).toBeLessThanOrEqual(1000)
})
