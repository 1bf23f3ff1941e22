/**
 * Three brokers, everything three times, two must have it: the coordinators move, one broker after the other dies by `kill -9` and comes
 * back, while a history and live statements flow. `NIGHTLY=1` kills 18 times instead of 3 (about 6 minutes),
 * and lets each broker sleep past its session and wake up (3 minutes).
 */

import { allTopicNames } from '../../runtime/topics-admin.js'
import { coordinatorTopics, placesOf, reassign } from '../driver/cluster-admin.js'
import { deepCheck } from '../driver/deep-check.js'
import { startInstance } from '../driver/instance.js'
import { batchesOf, startLive } from '../driver/live.js'
import { startLoad } from '../driver/load.js'
import { uploads } from '../driver/objects.js'
import { outcomeOf } from '../driver/outcome.js'
import { type OwnQuorum, ownQuorum } from '../driver/own-quorum.js'
import { makeWorld } from '../driver/real-world.js'
import { pointOf, recovered } from '../driver/recovery.js'
import { statement, statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const kinds = ['attempt_evaluated', 'page_viewed', 'video'] as const
const nightly = process.env.NIGHTLY === '1'
const facts = nightly ? 80_000 : 16_000
/** Each of the three dies so often. */
const rounds = nightly ? 6 : 1
const lines = [...statements(0, facts), '{"spoilt', ...statements(50, 100)]
/** What comes in beside the history, all the time; some of it is there already. */
const liveStatement = (n: number) => statement(facts - 200 + n)
const linesPerSecond = 300
const livePerSecond = 30
// A dead member is missed after this long; six seconds are the least that a broker takes.
const env = { SESSION_TIMEOUT_MS: '6000' }

let quorum: OwnQuorum
beforeAll(async () => {
  quorum = await ownQuorum()
})
afterAll(() => quorum.close())

async function prepare(brokers?: string): Promise<World> {
  const world = await makeWorld({ env: { ...env, ...(brokers === undefined ? {} : { KAFKA_BROKERS: brokers }) } })
  for (const kind of kinds) await world.apply({ id: kind, kind })
  await world.put(uploads(1, 'all', lines, 500))
  return world
}

/** The same history and as many live statements, and nothing happens. */
async function calm(live: number) {
  const world = await prepare()
  const instance = startInstance(world)
  const writer = await world.services.log.writer()
  const flow = Array.from({ length: live }, (_, n) => liveStatement(n))
  await writer.send(batchesOf(world, flow))
  await world.backfill()
  for (const kind of kinds) await world.complete(kind)
  const outcome = await outcomeOf(world, kinds)
  expect([outcome.problems, outcome.events, outcome.letters.length]).toEqual([[], facts + live - 200, 1])
  await instance.stop()
  return outcome
}

test('coordinators move and every broker dies once: all goes on by itself, nothing is lost, nothing is there twice', async () => {
  const world = await prepare(quorum.brokers)
  const brokers = quorum.brokers.split(',')
  await expectThreefold(world, brokers)
  const instances = [startInstance(world), startInstance(world)]
  const load = startLoad(world, linesPerSecond)
  const flow = startLive(world, livePerSecond, liveStatement)
  await until(world, 'the first statements to be in files', 60, async () => ((await pointOf(world)).filed > 0 ? true : null))
  const said: string[] = []

  const before = await placesOf(brokers, coordinatorTopics)
  await reassign(
    brokers,
    before.map(place => ({ ...place, replicas: place.replicas.filter(id => id !== place.leader) })),
  )
  await until(world, 'every coordinator to be another broker', 30, async () => {
    const now = await placesOf(brokers, coordinatorTopics)
    return now.every((place, i) => place.leader >= 0 && place.leader !== before[i]!.leader) || null
  })
  said.push(`every coordinator moved: ${await recovered(world)}`)
  await reassign(brokers, before)
  await whole(world, brokers)

  for (const id of Array.from({ length: rounds }, () => [1, 2, 3]).flat()) {
    const led = (await placesOf(brokers)).filter(({ leader }) => leader === id)
    await quorum.node(id).kill()
    said.push(`kill -9 of broker ${id}, which led ${led.length} partitions: ${await recovered(world)} without it`)
    await quorum.node(id).start()
    said.push(`broker ${id} is back and has everything after ${(await whole(world, brokers)).toFixed(1)} s`)
  }
  const live = await flow.stop()
  said.push(`meanwhile ${load.ended ? 'all' : 'not all'} of the history was sent, and ${live} live statements`)
  const runs = await load.finish()
  for (const kind of kinds) await world.complete(kind, 90)
  console.log([...said, `the slow backfill was started ${runs} ×`].join('\n'))
  const outcome = await outcomeOf(world, kinds)
  expect((await deepCheck(world)).problems).toEqual([])
  await Promise.all(instances.map(instance => instance.stop()))
  expect(outcome).toEqual(await calm(live))
})

/** Longer than a client waits for an answer: by then work goes on with the others. */
const sleepMs = 40_000

if (nightly)
  test('a broker that sleeps past its session and wakes up is not believed what it tells of the past', async () => {
    const world = await prepare(quorum.brokers)
    const brokers = quorum.brokers.split(',')
    const instances = [startInstance(world), startInstance(world)]
    const flow = startLive(world, 100, liveStatement)
    await recovered(world)
    const said: string[] = []
    for (const id of [1, 2, 3]) {
      const began = Date.now()
      const others = brokers.filter((_, i) => i !== id - 1)
      quorum.node(id).pause()
      await until(world, 'others to lead', 30, async () => (await placesOf(others)).every(({ leader }) => leader !== id) || null)
      // Whoever takes over has to restore, and may ask the sleeper.
      await instances[0]!.kill()
      instances[0] = startInstance(world)
      await until(world, 'the time to pass', 60, () => Date.now() - began > sleepMs || null)
      quorum.node(id).resume()
      said.push(`broker ${id} slept for ${sleepMs / 1000} s: ${await recovered(world)} from when it woke up`)
      await whole(world, brokers)
    }
    const live = await flow.stop()
    await world.backfill()
    for (const kind of kinds) await world.complete(kind, 90)
    console.log(said.join('\n'))
    const outcome = await outcomeOf(world, kinds)
    expect((await deepCheck(world)).problems).toEqual([])
    await Promise.all(instances.map(instance => instance.stop()))
    expect(outcome).toEqual(await calm(live))
  })

/** Nothing was asked for: three of everything, and two must have it, is what a cluster of three gets. */
async function expectThreefold({ services }: World, brokers: readonly string[]): Promise<void> {
  const names = allTopicNames(services.naming)
  const places = await placesOf(brokers, names)
  expect(places.filter(({ replicas }) => replicas.length !== 3)).toEqual([])
  const states = [...(await services.log.describeTopics(names)).values()]
  expect(states.map(({ config }) => config['min.insync.replicas'])).toEqual(names.map(() => '2'))
}

/** Until every replica of every partition is in sync. Returns the seconds. */
async function whole(world: World, brokers: readonly string[]): Promise<number> {
  const { seconds } = await until(world, 'every replica to be in sync', 60, async () => {
    const places = await placesOf(brokers)
    return places.every(({ inSync }) => inSync.length === 3) || null
  })
  return seconds
}
