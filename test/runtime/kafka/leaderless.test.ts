import { setTimeout as sleep } from 'node:timers/promises'
import { makeFeed } from '../../../runtime/feed.js'
import { ClusterMap } from '../../../runtime/kafka/cluster-map.js'
import type { PartitionAnswer } from '../../../runtime/kafka/fetch-request.js'
import { IdempotentWriter } from '../../../runtime/kafka/idempotent-writer.js'
import { KafkaReader } from '../../../runtime/kafka/kafka-reader.js'
import { knownWatermarksOf } from '../../../runtime/kafka/watermarks.js'
import { CannedConnections, metadataOf } from './canned-connections.js'

const limits = { maxWaitMs: 0, maxBytes: 1 << 20, maxBytesPerPartition: 1 << 17 }
const at = (partition: number) => [{ topic: 't', partition, offset: 0 }]
const held = (partition: number): PartitionAnswer => ({
  topic: 't',
  partition,
  error: 0,
  high: 9,
  stable: 9,
  low: 0,
  aborted: [],
  bytes: Buffer.alloc(0),
})
const never = new Promise<never>(() => undefined)

/** `t` has a partition per broker. Those in `lead` are led by theirs, the others by none. */
function cluster(brokers: number, lead: ReadonlySet<number>, silent: ReadonlySet<number> = new Set()) {
  const meta = metadataOf(brokers, { t: brokers })
  const places = [...Array(brokers).keys()]
  const answers = <T>(node: number | undefined, answer: (partition: number) => T) =>
    silent.has(node!) ? never : places.filter(partition => partition + 1 === node).map(answer)
  const connections = new CannedConnections({
    Metadata: () => ({
      ...meta,
      topics: meta.topics.map(t => ({ ...t, partitions: t.partitions.map(p => (lead.has(p.partition) ? p : { ...p, leader: -1 })) })),
    }),
    Fetch: async node => ({ error: 0, partitions: await answers(node, held) }),
    ListOffsets: node => answers(node, partition => ({ topic: 't', partition, error: 0, offset: 9 })),
    InitProducerId: () => ({ error: 0, producerId: 1, epoch: 0 }),
    Produce: node => answers(node, partition => ({ topic: 't', partition, error: 0, baseOffset: 9 })),
  })
  return {
    map: new ClusterMap(connections),
    connections,
    feed: makeFeed(new KafkaReader(new ClusterMap(connections), connections), limits),
  }
}

/** What is pending now, and how the rest ended. */
async function standing(...work: readonly Promise<unknown>[]): Promise<unknown[]> {
  const pending = Symbol('pending')
  const turn = sleep(50).then(() => pending)
  return Promise.all(work.map(async one => ((await Promise.race([one.then(() => 'done'), turn])) === pending ? 'waits' : 'done')))
}

test('a partition without a leader keeps its own task waiting and no other, until it is led again', async () => {
  const lead = new Set([0, 2])
  const { feed } = cluster(3, lead)
  const off = feed.take(at(1))
  for (let poll = 0; poll < 3; poll++) expect((await Promise.all([feed.take(at(0)), feed.take(at(2))])).flat()).toHaveLength(2)
  expect(await standing(off)).toEqual(['waits'])
  expect(await feed.take(at(0))).toMatchObject([{ high: 9 }])
  lead.add(1)
  expect(await off).toMatchObject([{ partition: 1, high: 9 }])
  // Its next question is one of the common poll again.
  expect(await feed.take(at(1))).toMatchObject([{ partition: 1, high: 9 }])
  await feed.close()
})

test('so does a broker that takes requests and answers none', async () => {
  const { feed } = cluster(2, new Set([0, 1]), new Set([2]))
  const silent = feed.take(at(1))
  silent.catch(() => undefined)
  for (let poll = 0; poll < 3; poll++) expect(await feed.take(at(0))).toMatchObject([{ partition: 0, high: 9 }])
  expect(await standing(silent)).toEqual(['waits'])
  await feed.close()
  await expect(silent).rejects.toThrow('closing the feed')
})

test('a fetch that leaves what is away says which, and the next one finds the new leader', async () => {
  const lead = new Set([0])
  const { connections } = cluster(2, lead)
  const reader = new KafkaReader(new ClusterMap(connections), connections)
  const fetch = () => reader.fetch([...at(0), ...at(1)], { ...limits, leaveAway: true })
  const [there, gone] = await fetch()
  expect(there).toMatchObject({ partition: 0, high: 9 })
  expect(there!.away).toBeUndefined()
  expect(gone).toMatchObject({ partition: 1, records: [], next: 0, away: { code: 'KAFKA_UNREACHABLE' } })
  expect(gone!.away!.message).toContain('t/1: no broker leads it')
  lead.add(1)
  for (let tries = 0; (await fetch())[1]!.away !== undefined; tries++) expect(tries).toBeLessThan(10)
})

test('offsets are known of the partitions that are led', async () => {
  const { map, connections } = cluster(3, new Set([0, 2]))
  const known = await knownWatermarksOf(map, connections, 't', [0, 1, 2])
  expect([...known]).toEqual([0, 2].map(partition => [partition, { low: 9, stable: 9, high: 9 }]))
})

test('a writer that waits for one leader writes to the others meanwhile, in order for each', async () => {
  const lead = new Set([0])
  const { map, connections } = cluster(2, lead)
  const writer = await IdempotentWriter.open({ map, connections, codec: 'none', maxBatchBytes: 1000 })
  const send = (partition: number) => writer.send([{ topic: 't', partition, records: [{ key: null, value: Buffer.from('v') }] }])
  const off = send(1)
  const behind = send(1)
  expect(await send(0)).toMatchObject([{ partition: 0 }])
  expect(await standing(off, behind)).toEqual(['waits', 'waits'])
  lead.add(1)
  expect((await Promise.all([off, behind])).flat()).toMatchObject([{ partition: 1 }, { partition: 1 }])
})
