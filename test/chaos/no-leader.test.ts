/** A broker dies that alone had a partition of `xapi`: its task waits, everybody else's work goes on, and nothing is lost when it is back. */
import { scanLearnerKey } from '../../producers/learner-key-scan.js'
import { readManifest } from '../../runtime/datasets/read.js'
import { readStatus } from '../../runtime/read-status.js'
import { partitionOf } from '../../schemas/partition.js'
import { topicName } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
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
})
afterAll(() => quorum.close())

const belongsTo = (text: string) => partitionOf(Buffer.from(scanLearnerKey(Buffer.from(text))!), partitions)

async function write(world: World, texts: readonly string[]): Promise<void> {
  const writer = await world.services.log.writer()
  await writer.send(batchesOf(world, texts))
  await writer.close()
}

/** Everything that is in the other partitions of `xapi` now is in a manifest. */
async function covered(world: World, what: string): Promise<{ seconds: number }> {
  const ends = await world.services.log.knownWatermarks(topicName('xapi', world.services.naming), [...Array(partitions).keys()])
  expect([...ends.keys()]).toEqual([0, 2])
  return until(world, `${what} to be in a manifest`, 120, async () => {
    const manifest = await readManifest(world.services, id)
    return [...ends].every(([partition, { high }]) => (manifest?.positions[partition]?.xapi ?? 0) >= high) || null
  })
}

/** The replicas of the lonely partition. */
async function moveTo(world: World, topic: string, replicas: readonly number[]): Promise<void> {
  const brokers = quorum.brokers.split(',')
  // While a partition of it has no leader the admin client of kafkajs answers nothing.
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
  const world = await makeWorld({ partitions, env: { SESSION_TIMEOUT_MS: '6000', REPLICATION: '2', KAFKA_BROKERS: quorum.brokers } })
  await world.apply({ id, kind: 'page_viewed' })
  const topic = topicName('xapi', world.services.naming)
  const instance = startInstance(world)
  const all = statements(0, 4_000)
  const ofOthers = all.filter(text => belongsTo(text) !== lonely)
  const ofLonely = all.filter(text => belongsTo(text) === lonely)
  await write(world, all.slice(0, 1_000))
  await world.complete(id)
  await moveTo(world, topic, [2])
  await quorum.node(2).kill()

  const took: string[] = []
  const go = async (round: number) => {
    await write(world, ofOthers.slice(round * 500, (round + 1) * 500))
    const { seconds } = await covered(world, `what was written in round ${round}`)
    took.push(`${seconds.toFixed(1)} s`)
  }
  await go(2)
  // Another cold start in the middle of it: a role needs the topics, not their leaders.
  await instance.killRole('aggregate')
  await until(world, 'the role to be back', 60, () => instance.log().split('aggregate started').length > 2 || null)
  await go(3)
  await go(4)
  console.log(`statements of the other partitions were in a manifest after ${took.join(', ')}`)
  const { unknown, partitions: known } = await readStatus(world.services, topology)
  expect(unknown).toEqual([{ server: 'kafka', why: `no broker leads ${topic}/${lonely}` }])
  expect(known.map(({ end }) => end === undefined)).toEqual([false, true, false])
  // No role has ended but the one that was killed.
  expect(instance.log().match(/ ended .*/g)).toHaveLength(1)

  await quorum.node(2).start()
  await moveTo(world, topic, [1, 2])
  await write(world, ofLonely)
  await world.complete(id, 90)
  expect((await world.verify()).problems).toEqual([])
  await instance.stop()
})
