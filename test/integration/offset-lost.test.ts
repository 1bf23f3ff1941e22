import { readSinkRecords } from '../../runtime/sink/sink-records.js'
import { topicName } from '../../schemas/topics.js'
import { type Instance, startInstance } from '../driver/instance.js'
import { batchesOf } from '../driver/live.js'
import { routedOf } from '../driver/outcome.js'
import { makeWorld } from '../driver/real-world.js'
import { statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'
import { deleteBelow } from '../verify/damage.js'

const partitions = [0, 1]

const send = async (world: World, from: number, to: number) =>
  void (await (await world.services.log.writer()).send(batchesOf(world, statements(from, to))))

async function ends({ services: { log, naming } }: World, topic: 'xapi' | 'dataset-files' | 'events.attempt'): Promise<number[]> {
  const marks = await log.watermarks(topicName(topic, naming), partitions)
  return partitions.map(partition => marks.get(partition)!.high)
}

/** The last phase that each task of the only role of an instance was in. */
function phasesOf({ log }: Instance): Record<number, string> {
  const phases: Record<number, string> = {}
  for (const [, partition, phase] of log().matchAll(/"partition":(\d+),"phase":"([a-z-]+)"/g)) phases[Number(partition)] = phase!
  return phases
}

test('a position below what is left of a topic stops that task alone: it says low and high, resets nothing and commits nothing', async () => {
  const world = await makeWorld({ partitions: partitions.length, env: { LOG_LEVEL: 'debug' } })
  const { log, naming } = world.services
  await world.apply({ id: 'attempts', kind: 'attempt_evaluated' })
  const all = startInstance(world)
  await send(world, 0, 400)
  await world.complete('attempts')
  await all.stop()
  const progressOf = async (partition: number) => (await readSinkRecords(log, topicName('dataset-files', naming), partition)).live

  // Somebody deletes statements that route has not read.
  await send(world, 400, 800)
  const position = (await routedOf(world))[0]!
  const [end, other] = (await ends(world, 'xapi')) as [number, number]
  await deleteBelow(world, 'xapi', 0, position + 10)
  const route = startInstance(world, ['--roles', 'route'])
  await until(world, 'the other task to reach its end', 30, async () => (await routedOf(world))[1] === other || null)
  await until(world, 'this one to stop', 30, () => phasesOf(route)[0] === 'offset-lost' || null)
  expect(route.log()).toContain(`OFFSET_LOST`)
  expect(route.log()).toContain(`xapi/0 at ${position}: it holds ${position + 10} to ${end}`)
  expect(phasesOf(route)).toEqual({ 0: 'offset-lost', 1: 'running' })
  expect(await routedOf(world)).toEqual([position, other])

  // And events that the sink has not read.
  const before = await Promise.all(partitions.map(progressOf))
  const read = before[1]!.next['events.attempt']!
  const [, attempts] = await ends(world, 'events.attempt')
  await deleteBelow(world, 'events.attempt', 1, read + 5)
  const listed = await ends(world, 'dataset-files')
  const sink = startInstance(world, ['--roles', 'sink'])
  await until(world, 'the task of the sink to stop', 30, () => phasesOf(sink)[1] === 'offset-lost' || null)
  await until(world, 'the other task to run', 30, () => phasesOf(sink)[0] === 'running' || null)
  expect(sink.log()).toContain(`events.attempt.g2/1: it holds ${read + 5} to ${attempts}`)
  expect(await progressOf(1)).toEqual(before[1])
  expect((await ends(world, 'dataset-files'))[1]).toBe(listed[1])

  // Told to stop, they do not commit what they could not read either.
  expect([await route.stop(), await sink.stop()]).toEqual([0, 0])
  expect((await routedOf(world))[0]).toBe(position)
  expect(await progressOf(1)).toEqual(before[1])
})
