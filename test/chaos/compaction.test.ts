/**
 * The compacted topics of a running system are compacted as far as a broker can, tombstones and all; then everything is killed, what was on
 * disk is gone, and the system has to come back from what is left.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { OutRecord } from '../../runtime/log.js'
import { settingsOf } from '../../runtime/topics-admin.js'
import { type TopicId, topicName, topics } from '../../schemas/topics.js'
import { recordBatchesOf } from '../driver/batches.js'
import { configureTopic } from '../driver/cluster-admin.js'
import { deepCheck } from '../driver/deep-check.js'
import { startInstance } from '../driver/instance.js'
import { batchesOf } from '../driver/live.js'
import { uploads } from '../driver/objects.js'
import { outcomeOf, sum } from '../driver/outcome.js'
import { makeWorld } from '../driver/real-world.js'
import { recordsOf } from '../driver/results.js'
import { statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const kinds = ['attempt_evaluated', 'page_viewed', 'video'] as const
const partitions = 3
const first = [...statements(0, 4000), '{"spoilt', ...statements(50, 100)]
/** All of the first again, and as much that is new. */
const second = [...statements(2000, 6000), '{"spoilt too', ...statements(0, 2000)]
const kick = (n: number) => statements(10_000 + n * 40, 10_040 + n * 40)
const compacted = Object.values(topics).filter(({ cleanup }) => cleanup === 'compact')
/** A segment is as short as it may be, cleaned as soon as it is closed, and what cleaning finds deleted is gone with the next. */
const eager = {
  'segment.bytes': '1048576',
  'segment.ms': '100',
  'min.cleanable.dirty.ratio': '0.01',
  'max.compaction.lag.ms': '100',
  'delete.retention.ms': '0',
}

const prepare = () => makeWorld({ partitions, env: { SESSION_TIMEOUT_MS: '6000' } })

async function configure({ services }: World, more: Readonly<Record<string, string>>): Promise<void> {
  for (const declaration of compacted) {
    const { name, config } = settingsOf(declaration, services, 1)
    await configureTopic(services.addresses.brokers, name, { ...config, ...more })
  }
}

/** Everything that leaves something behind that is replaced later: progress, runs, files, specs. */
async function tell(world: World): Promise<void> {
  for (const kind of kinds) await world.apply({ id: kind, kind })
  await world.put(uploads(1, 'one', first, 100))
  await world.backfill()
  for (const spec of [{ exclude_fields: ['video_url'] }, {}]) {
    await world.apply({ id: 'video', kind: 'video', ...spec })
    for (const kind of kinds) await world.complete(kind)
  }
  await world.backfill({ again: true })
}

/** The same is told, and nothing happens. */
async function calm(kicks: number) {
  const world = await prepare()
  const instance = startInstance(world)
  await tell(world)
  const writer = await world.services.log.writer()
  for (let n = 0; n < kicks; n++) await writer.send(batchesOf(world, kick(n)))
  await world.put(uploads(1, 'two', second, 500))
  await world.backfill()
  for (const kind of kinds) await world.complete(kind)
  const outcome = await outcomeOf(world, kinds)
  await instance.stop()
  return outcome
}

type Ends = Awaited<ReturnType<World['services']['log']['watermarks']>>
const endsOf = ({ services: { log, naming } }: World, id: TopicId): Promise<Ends> =>
  log.watermarks(topicName(id, naming), [...Array(partitions).keys()])

/** How a topic looks in the log. */
interface Shape {
  /** Given out, in all. */
  readonly offsets: number
  readonly records: number
  readonly keys: number
  /** Of what was there when it began, those of which there is a newer one of the same key. */
  readonly replaced: number
  /** By `partition/offset`. */
  readonly tombstones: readonly string[]
  /** Batches that are kept without any record: the last of a producer that the broker still knows. */
  readonly empty: number
}

async function shapeOf(world: World, id: TopicId, ends: Ends | null): Promise<Shape> {
  const marks = await endsOf(world, id)
  const records = await recordsOf(world, id)
  const batches = await recordBatchesOf(world, id)
  const newest = new Map(records.map(({ key, partition, offset }) => [`${partition}|${key}`, offset]))
  const isReplaced = ({ key, partition, offset }: (typeof records)[number]) =>
    offset < (ends?.get(partition)?.high ?? 0) && newest.get(`${partition}|${key}`)! > offset
  return {
    offsets: sum([...marks.values()].map(({ low, high }) => high - low)),
    records: records.length,
    keys: newest.size,
    replaced: records.filter(isReplaced).length,
    tombstones: records.flatMap(({ partition, offset, value }) => (value === null ? [`${partition}/${offset}`] : [])),
    empty: batches.filter(({ count }) => count === 0).length,
  }
}
async function shapesOf(world: World, ends: ReadonlyMap<TopicId, Ends> | null): Promise<Readonly<Record<string, Shape>>> {
  return Object.fromEntries(
    await Promise.all(compacted.map(async ({ id }) => [id, await shapeOf(world, id, ends?.get(id) ?? null)] as const)),
  )
}

/** The newest records of a topic once more: it says the same, and closes a segment. */
async function tellAgain(world: World, id: TopicId, which: (key: string) => boolean): Promise<void> {
  const { log, naming } = world.services
  const newest = new Map<number, OutRecord>()
  for (const { partition, key, value } of await recordsOf(world, id)) if (which(key!.toString())) newest.set(partition, { key, value })
  const writer = await log.writer()
  await writer.send([...newest].map(([partition, record]) => ({ topic: topicName(id, naming), partition, records: [record] })))
}

test('restored from compacted topics, with batches that lost some or all of their records: the same results', async () => {
  const world = await prepare()
  const instances = [startInstance(world), startInstance(world)]
  await tell(world)
  for (const kind of kinds) await world.complete(kind)
  const before = await shapesOf(world, null)
  const { tombstones } = before['dataset-files']!
  expect(tombstones.length).toBeGreaterThan(0)

  const ends = new Map(await Promise.all(compacted.map(async ({ id }) => [id, await endsOf(world, id)] as const)))
  await configure(world, eager)
  const writer = await world.services.log.writer()
  let kicked = 0
  const { answer: after } = await until(world, 'what was replaced and deleted to be gone', 60, async () => {
    // Route and sink go on, and with them the topics that they alone write.
    await writer.send(batchesOf(world, kick(kicked++)))
    await tellAgain(world, 'sources', () => true)
    await tellAgain(world, 'datasets', key => key.startsWith('wait|'))
    const all = await shapesOf(world, ends)
    const cleaned = Object.values(all).every(({ replaced }) => replaced === 0)
    const left = new Set(all['dataset-files']!.tombstones)
    return cleaned && tombstones.every(tombstone => !left.has(tombstone)) ? all : null
  })
  for (const id of ['datasets', 'sources']) expect(after[id]!.empty).toBeGreaterThan(0)

  for (const instance of instances) await instance.kill()
  await configure(world, {})
  rmSync(join(world.services.config.dataDir, 'state'), { recursive: true })
  const began = Date.now()
  startInstance(world)
  for (const kind of kinds) await world.complete(kind)
  const seconds = (Date.now() - began) / 1000
  await world.put(uploads(1, 'two', second, 500))
  await world.backfill()
  for (const kind of kinds) await world.complete(kind)
  const text = ([id, { tombstones, ...shape }]: [string, Shape]) => `${id}: ${JSON.stringify({ ...shape, tombstones: tombstones.length })}`
  console.log([...Object.entries(after).map(text), `from nothing on disk to complete datasets: ${seconds.toFixed(1)} s`].join('\n'))
  expect((await deepCheck(world)).problems).toEqual([])
  expect(await outcomeOf(world, kinds)).toEqual(await calm(kicked))
})
