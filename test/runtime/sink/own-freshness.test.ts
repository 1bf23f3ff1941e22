import { readManifest } from '../../../runtime/datasets/read.js'
import type { FaultPoint } from '../../../runtime/fault.js'
import type { LiveProgress } from '../../../schemas/dataset-files.js'
import { topicName } from '../../../schemas/topics.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { recordsOf, rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

async function send(world: World, from: number, to: number): Promise<void> {
  const { log, naming } = world.services
  const writer = await log.writer()
  const records = Array.from({ length: to - from }, (_, i) => ({
    key: null,
    value: Buffer.from(statement(from + i, {}, 'page_viewed')),
  }))
  await writer.send([{ topic: topicName('xapi', naming), partition: 0, records }])
  await writer.close()
}

const rowCount = async (world: World, dataset: string) => (await readManifest(world.services, dataset))?.counts.rows ?? 0

async function progressOf(world: World): Promise<LiveProgress> {
  const records = (await recordsOf(world, 'dataset-files')).filter(({ key }) => key!.toString() === 'P|live|0')
  return JSON.parse(records.at(-1)!.value!.toString()) as LiveProgress
}

test('a dataset with a long freshness holds up no other, is written by its own, and has every row once after a crash', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  const armed = new Set<FaultPoint>()
  startRoles(world, {
    fault: at => {
      if (armed.delete(at)) throw new Error(`injected at ${at}`)
    },
  })
  await world.apply({ id: 'quick', kind: 'page_viewed' })
  const slow = await world.apply({ id: 'slow', kind: 'page_viewed', freshness: 3600 })
  await send(world, 0, 20)
  await world.complete('quick')
  await world.complete('slow')

  await send(world, 20, 40)
  await world.complete('quick')
  expect([await rowCount(world, 'quick'), await rowCount(world, 'slow')]).toEqual([40, 20])
  const { next, waiting } = await progressOf(world)
  const own = waiting?.[`slow|${slow}`]?.next['events.page-viewed'] ?? 0
  expect(own).toBeGreaterThan(0)
  expect(own).toBeLessThan(next['events.page-viewed']!)

  // The task goes back to where the slow one is: the quick one has these rows already.
  armed.add('sink.afterCommit')
  await send(world, 40, 60)
  await until(world, 'the task to break', 60, () => armed.size === 0 || null)
  await world.complete('quick')
  await send(world, 60, 80)
  await world.complete('quick')
  expect([await rowCount(world, 'quick'), await rowCount(world, 'slow')]).toEqual([80, 20])

  // Whoever waits for it has it now.
  await world.complete('slow')
  for (const dataset of ['quick', 'slow']) expect(new Set((await rowsOf(world, dataset)).rows).size).toBe(80)
  expect([await rowCount(world, 'quick'), await rowCount(world, 'slow')]).toEqual([80, 80])
  expect((await world.verify()).problems).toEqual([])
})
