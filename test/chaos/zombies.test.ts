/**
 * Processes that sleep past their session (SIGSTOP at a fault point), while others take their tasks, and wake up (SIGCONT) in the middle of
 * what they were doing. They may write nothing any more: in Kafka, in S3, in a manifest, in their own store. `NIGHTLY=1` adds more points.
 */
import { readManifest } from '../../runtime/datasets/read.js'
import type { FaultPoint } from '../../runtime/fault.js'
import type { Manifest } from '../../schemas/manifest.js'
import { type TopicId, topicName, topics } from '../../schemas/topics.js'
import { uploads } from '../driver/objects.js'
import { outcomeOf } from '../driver/outcome.js'
import { makeWorld } from '../driver/real-world.js'
import { recordsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { firstRouteFolder, strayIds } from '../driver/seen-folders.js'
import { statements } from '../driver/statements.js'
import { statesOf } from '../driver/states.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'
import { startZombie } from '../driver/zombie.js'

const kinds = ['attempt_evaluated', 'page_viewed', 'video', 'learners'] as const
const first = [...statements(0, 4000), '{"spoilt', ...statements(50, 100)]
/** All of the first again, and as much that is new. */
const second = [...statements(2000, 6000), '{"spoilt too', ...statements(0, 2000)]
// Missed after this long; six seconds are the least that a broker takes.
const env = { SESSION_TIMEOUT_MS: '6000' }

async function prepare(): Promise<World> {
  const world = await makeWorld({ env })
  for (const kind of kinds) await world.apply({ id: kind, kind })
  return world
}

async function complete(world: World) {
  for (const kind of kinds) await world.complete(kind)
}

async function load(world: World, category: string, lines: readonly string[]) {
  await world.put(uploads(1, category, lines, 500))
  await world.backfill({ prefix: `section/1/${category}/` }, { wait: false })
}

/**
 * Everything that a zombie could have written, but manifests: the end of every partition of every topic (records that were aborted count
 * too), and every object. An idle sink repeats its progress every 30 s: of dataset-files what its records say counts, however often.
 */
async function footprint(world: World): Promise<string> {
  const { log, naming, store, config } = world.services
  const partitions = [...Array(config.partitions).keys()]
  const marks = (Object.keys(topics) as TopicId[])
    .filter(topic => topic !== 'dataset-files')
    .map(async topic => [topic, [...(await log.watermarks(topicName(topic, naming), partitions))]])
  const listed = (await recordsOf(world, 'dataset-files')).map(({ partition, key, value }) => `${partition} ${key} ${value}`)
  const files: string[] = []
  for await (const { key, etag } of store.list(config.datasetsBucket, '')) if (/\/g\d+-r\d+\//.test(key)) files.push(`${key} ${etag}`)
  return JSON.stringify([await Promise.all(marks), [...new Set(listed)].sort(), files.sort()], null, 1)
}

/** Manifests by number. There may be more of them: progress is told once a minute, by whoever owns the dataset then. */
async function numbered({ services: { store, config } }: World): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for await (const { key, etag } of store.list(config.datasetsBucket, '')) if (key.includes('/manifests/')) found.set(key, etag)
  return found
}

/** Looks at every `manifest.json` all the time. `end` tells what went back, or listed other files than at the beginning. */
async function watchManifests(world: World): Promise<{ end(): Promise<readonly string[]> }> {
  const problems: string[] = []
  const filesOf = (manifest: Manifest) => manifest.files.map(({ key }) => key).join()
  const look = () => Promise.all(kinds.map(async kind => (await readManifest(world.services, kind))!))
  const first = await look()
  const stop = new AbortController()
  const watching = (async () => {
    for (let last = first; !stop.signal.aborted; await world.services.clock.sleep(20, stop.signal)) {
      const now = await look()
      for (const [i, manifest] of now.entries()) {
        if (manifest.version < last[i]!.version) problems.push(`${manifest.dataset} went from ${last[i]!.version} to ${manifest.version}`)
        if (filesOf(manifest) !== filesOf(first[i]!)) problems.push(`${manifest.dataset} lists other files in ${manifest.version}`)
      }
      last = now
    }
  })()
  watching.catch(() => undefined)
  const end = async () => {
    stop.abort()
    await watching
    return problems
  }
  world.atEnd(() => end().then(() => undefined))
  return { end }
}

const quietMs = 2_500

/** The footprint when nothing was written for a while: the last progress of a sink comes a second after its last file. */
async function settled(world: World): Promise<string> {
  let last = ''
  let since = Date.now()
  const { answer } = await until(world, 'nothing to be written any more', 30, async () => {
    const now = await footprint(world)
    if (now !== last) since = Date.now()
    last = now
    return Date.now() - since >= quietMs ? now : null
  })
  return answer
}

const timesAssigned = (log: string) => log.split('tasks assigned').length - 1

async function straight() {
  const world = await prepare()
  const stop = startRoles(world)
  for (const [category, lines] of [['one', first] as const, ['two', second] as const]) {
    await load(world, category, lines)
    await complete(world)
  }
  const outcome = await outcomeOf(world, kinds)
  await stop()
  expect([outcome.problems, outcome.events, outcome.letters.length]).toEqual([[], 6000, 2])
  return outcome
}
let expected: Awaited<ReturnType<typeof straight>> | undefined

const points: readonly (readonly [string, FaultPoint, FaultPoint, FaultPoint, FaultPoint])[] = [
  ['before the commit', 'route.afterPosition', 'aggregate.afterOutputs', 'sink.afterRecords', 'publish.beforeNumbered'],
  ['after the commit', 'route.afterCommit', 'aggregate.afterCommit', 'sink.afterCommit', 'publish.afterNumbered'],
  ...(process.env.NIGHTLY === '1'
    ? [['the middle of its outputs', 'route.afterOutputs', 'aggregate.afterRestore', 'sink.afterUpload', 'publish.afterManifest'] as const]
    : []),
]

test.each(points)('a zombie that slept from %s on writes nothing', async (_, routePoint, aggregatePoint, sinkPoint, publishPoint) => {
  expected ??= await straight()
  const world = await prepare()
  const zombies = {
    // Once more when it has a task again and has not restored it: then its store is as it left it.
    route: startZombie(world, 'route', [routePoint, 'route.afterClaim']),
    aggregate: startZombie(world, 'aggregate', [aggregatePoint]),
    sink: startZombie(world, 'sink', [sinkPoint]),
    publish: startZombie(world, 'publish', [publishPoint]),
  }
  const loading = load(world, 'one', first)
  loading.catch(() => undefined)
  // Each owns everything when it stops; who takes over is started only then.
  await zombies.publish.stopped(publishPoint)
  startRoles(world, { roles: ['publish'] })
  await zombies.route.stopped(routePoint)
  const slept = Date.now()
  startRoles(world, { roles: ['route'] })
  await zombies.aggregate.stopped(aggregatePoint)
  startRoles(world, { roles: ['aggregate'] })
  await zombies.sink.stopped(sinkPoint)
  startRoles(world, { roles: ['sink'] })
  await loading
  await complete(world)
  // The aggregates too: before that their zombie may still be the owner.
  await statesOf(world)
  console.log(
    `${routePoint}, ${aggregatePoint}, ${sinkPoint}: all was whole ${((Date.now() - slept) / 1000).toFixed(1)} s after route fell asleep`,
  )
  const before = await settled(world)
  const numbers = await numbered(world)
  const manifests = await watchManifests(world)

  const assigned = Object.values(zombies).map(({ log }) => timesAssigned(log()))
  for (const { wake } of Object.values(zombies)) wake()
  await zombies.route.stopped('route.afterClaim')
  expect(await strayIds(world, firstRouteFolder(world))).toEqual([])
  zombies.route.wake()
  await until(
    world,
    'the zombies to be members again',
    30,
    () => Object.values(zombies).every(({ log }, i) => timesAssigned(log()) > assigned[i]!) || null,
  )
  expect(await settled(world)).toBe(before)
  expect(await manifests.end()).toEqual([])
  const now = await numbered(world)
  expect([...numbers].filter(([key, etag]) => now.get(key) !== etag)).toEqual([])

  // They are honest members now, and what was seen before is still known wherever a task went.
  await load(world, 'two', second)
  await complete(world)
  expect(await outcomeOf(world, kinds)).toEqual(expected)
})
