/** A broker dies that alone had a partition of `xapi`: its task waits, everybody else's work goes on, and nothing is lost when it is back. */
import { scanLearnerKey } from '../../producers/learner-key-scan.js'
import { readManifest } from '../../runtime/datasets/read.js'
import { partitionOf } from '../../schemas/partition.js'
import { topicName } from '../../schemas/topics.js'
import { placesOf, reassign } from '../driver/cluster-admin.js'
import { startInstance } from '../driver/instance.js'
import { batchesOf } from '../driver/live.js'
import { type OwnQuorum, ownQuorum } from '../driver/own-quorum.js'
import { makeWorld } from '../driver/real-world.js'
import { statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const partitions = 3
const lonely = 1
const id = 'pages'

let quorum: OwnQuorum
beforeAll(async () => {
  quorum = await ownQuorum()
}, 120_000)
afterAll(() => quorum.close(), 30_000)

const belongsTo = (text: string) => partitionOf(Buffer.from(scanLearnerKey(Buffer.from(text))!), partitions)

async function write(world: World, texts: readonly string[]): Promise<void> {
  const writer = await world.services.log.writer()
  await writer.send(batchesOf(world, texts))
  await writer.close()
}

const covered = (world: World, what: string, ends: ReadonlyMap<number, number>) =>
  until(world, what, 90, async () => {
    const manifest = await readManifest(world.services, id)
    return [...ends].every(([partition, end]) => (manifest?.positions[partition]?.xapi ?? 0) >= end) || null
  })

/** The replicas of the lonely partition. */
async function moveTo(world: World, topic: string, replicas: readonly number[]): Promise<void> {
  const brokers = quorum.brokers.split(',')
  // While a partition of it has no leader kafkajs's admin client answers nothing about the topic.
  const placeOf = () =>
    placesOf(brokers, [topic]).then(
      places => places.find(({ partition }) => partition === lonely)!,
      () => null,
    )
  await until(world, 'the partition to be led', 60, placeOf)
  await reassign(brokers, [{ topic, partition: lonely, replicas }])
  await until(world, `the replicas to be ${replicas}`, 60, async () => {
    const place = await placeOf()
    return place?.inSync.length === replicas.length && place.replicas.length === replicas.length ? place : null
  })
}

test('one partition without a leader', async () => {
  const world = await makeWorld({ partitions, env: { SESSION_TIMEOUT_MS: '6000', KAFKA_BROKERS: quorum.brokers } })
  await world.apply({ id, kind: 'page_viewed' })
  const topic = topicName('xapi', world.services.naming)
  const instance = startInstance(world)
  const all = statements(0, 3_000)
  const counts = new Map([...Array(partitions).keys()].map(p => [p, all.filter(text => belongsTo(text) === p).length]))
  await write(world, all)
  await world.complete(id)
  await moveTo(world, topic, [2])
  await quorum.node(2).kill()

  const others = new Map([...counts].filter(([p]) => p !== lonely))
  const took: number[] = []
  for (let round = 2; round <= 4; round++) {
    await write(
      world,
      all.filter(text => belongsTo(text) !== lonely),
    )
    const { seconds } = await covered(world, `round ${round} of the others`, new Map([...others].map(([p, n]) => [p, round * n])))
    took.push(seconds)
  }
  console.log(`statements of the other partitions were in a manifest after ${took.map(seconds => `${seconds.toFixed(1)} s`).join(', ')}`)
  // The process has not ended, nor any of its roles.
  expect(instance.log()).not.toMatch(/ ended |giving up/)

  await quorum.node(2).start()
  // With one replica nothing may be written where two must have it.
  await moveTo(world, topic, [1, 2, 3])
  await write(world, statements(3_000, 4_000))
  await world.complete(id, 90)
  expect((await world.verify()).problems).toEqual([])
  await instance.stop()
}, 400_000)
