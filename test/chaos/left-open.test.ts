/**
 * Kafka 4.3 and 4.4 forget partitions of a decided transaction when their broker dies before it has written all markers (KAFKA-20734). That
 * takes a kill within a few milliseconds, so it is made here: with the broker dead, markers are cut off its logs.
 */
import { eventTopicIds, placesOf, stateTopicIds, type TopicId, transactionalId } from '../../schemas/topics.js'
import { cutMarker, type LastMarker, lastMarker } from '../driver/cut-marker.js'
import { type Instance, startInstance } from '../driver/instance.js'
import { batchesOf } from '../driver/live.js'
import { outcomeOf } from '../driver/outcome.js'
import { type OwnBroker, ownBroker } from '../driver/own-broker.js'
import { makeWorld } from '../driver/real-world.js'
import { pointOf } from '../driver/recovery.js'
import { statements } from '../driver/statements.js'
import { statesOf } from '../driver/states.js'
import { transactionsOver } from '../driver/transactions.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const kinds = ['attempt_evaluated', 'page_viewed', 'video'] as const
const facts = 3_000
const partitions = 2

let broker: OwnBroker
let expected: Awaited<ReturnType<typeof straight>>
beforeAll(async () => {
  broker = await ownBroker()
  expected = await straight()
})
afterAll(() => broker.close())

const prepare = async (): Promise<World> => {
  const world = await makeWorld({ partitions, env: { SESSION_TIMEOUT_MS: '6000', KAFKA_BROKERS: broker.direct } })
  for (const kind of kinds) await world.apply({ id: kind, kind })
  return world
}

async function write(world: World, from: number, to: number): Promise<void> {
  const writer = await world.services.log.writer()
  await writer.send(batchesOf(world, statements(from, to)))
  await writer.close()
}

async function whole(world: World, count: number): Promise<void> {
  await until(world, `all of ${count} to be everywhere`, 60, async () => {
    const { written, routed, filed } = await pointOf(world)
    return (written === count && routed === count && filed === count) || null
  })
  for (const kind of kinds) await world.complete(kind)
}

type Role = 'route' | 'aggregate' | 'sink'
const written: Readonly<Record<Role, readonly TopicId[]>> = {
  route: [...eventTopicIds, 'route-seen', 'route-ledger'],
  aggregate: [...stateTopicIds, 'aggregate-changelog'],
  sink: ['dataset-files'],
}

interface CutMarker extends LastMarker {
  readonly role: Role
}

/** Of the last transaction of each task: in partition 0 all markers but one go, where there are several; in partition 1 all. */
function cutMarkers({ services: { naming } }: World, roles: readonly Role[]): CutMarker[] {
  const cut = roles.flatMap(role =>
    [...Array(partitions).keys()].flatMap(partition => {
      const markers = placesOf(written[role], partition, naming)
        .flatMap(place => lastMarker(broker.data, place) ?? [])
        .map(marker => ({ ...marker, role }))
      const newest = Math.max(...markers.map(({ epoch }) => epoch))
      const last = markers.filter(({ epoch }) => epoch === newest)
      return partition === 0 && last.length > 1 ? last.slice(1) : last
    }),
  )
  for (const marker of cut) cutMarker(broker.data, marker)
  return cut
}

async function straight() {
  const world = await prepare()
  const instance = startInstance(world)
  await write(world, 0, facts)
  await whole(world, facts)
  const outcome = await outcomeOf(world, kinds)
  expect([outcome.problems, outcome.events]).toEqual([[], facts])
  await instance.stop()
  return outcome
}

/** The broker comes back without the last markers of these roles. */
async function dieBeforeMarkers(world: World, roles: readonly Role[]): Promise<readonly CutMarker[]> {
  const ids = roles.flatMap(role => [...Array(partitions).keys()].map(p => transactionalId(role, p, world.services.naming)))
  // What is cut off a transaction that is still being ended its coordinator writes again, and nobody finds it left open.
  await transactionsOver(world, [broker.direct], ids)
  await broker.kill()
  const cut = cutMarkers(world, roles)
  expect(cut.filter(({ commit }) => !commit)).toEqual([])
  expect(cut.length).toBeGreaterThan(3 * (roles.length - 1))
  await broker.start()
  return cut
}

const ended = (world: World, cut: readonly CutMarker[], ...instances: Instance[]) =>
  until(world, 'what was left open to be ended', 60, () => {
    const said = instances.map(instance => instance.log()).join('\n')
    return cut.every(({ topic, partition }) => said.includes(`in ${topic}/${partition}: it was committed, as the rest of it`)) || null
  })

test('its processes died with it: the next owner ends what was left open as the rest of it was decided', async () => {
  const world = await prepare()
  const first = startInstance(world)
  await write(world, 0, facts / 2)
  await whole(world, facts / 2)
  const before = await statesOf(world)
  await first.kill()
  const cut = await dieBeforeMarkers(world, ['route', 'aggregate', 'sink'])
  // One after the other: who reads had read past markers that, but for this test, were never there.
  const next: Instance[] = []
  for (const roles of ['route', 'aggregate', 'sink,publish']) {
    next.push(startInstance(world, ['--roles', roles]))
    await ended(
      world,
      cut.filter(({ role }) => roles.includes(role)),
      ...next,
    )
  }
  // Nothing was written since: readers see again what they saw.
  await whole(world, facts / 2)
  expect(await statesOf(world)).toEqual(before)
  await write(world, facts / 2, facts)
  await whole(world, facts)
  expect(await outcomeOf(world, kinds)).toEqual(expected)
  await Promise.all(next.map(instance => instance.stop()))
})

test('its processes live: they find what was left open although there is nothing to write, and end it', async () => {
  const world = await prepare()
  // Who reads events would have read past a marker that, but for this test, was never there.
  const route = startInstance(world, ['--roles', 'route'])
  await write(world, 0, facts / 2)
  await until(world, 'all to be routed', 60, async () => (await pointOf(world)).routed === facts / 2 || null)
  const cut = await dieBeforeMarkers(world, ['route'])
  await ended(world, cut, route)
  const others = startInstance(world, ['--roles', 'aggregate,sink,publish'])
  await whole(world, facts / 2)
  await write(world, facts / 2, facts)
  await whole(world, facts)
  expect(await outcomeOf(world, kinds)).toEqual(expected)
  await Promise.all([route.stop(), others.stop()])
})
