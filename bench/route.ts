/**
 * Processors alone: statements that are already in `xapi` to typed events and states, exactly once, with commits of a second. With
 * `route,aggregate` it is the work that Kafka Streams was measured with (see the README beside this file); with `aggregate` route has done
 * its part before.
 *
 * node dist/bench/route.js [--statements 1000000] [--partitions 12] [--roles route|aggregate|route,aggregate] [--keep] [--profile]
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sampleObjects } from '../demo/sample-history.js'
import { openStatus } from '../runtime/read-status.js'
import { readRoutePositions } from '../runtime/route/route-positions.js'
import { topicName } from '../schemas/topics.js'
import { topology } from '../topology.js'
import { benchWorld, say } from './bench-world.js'
import { watch } from './process-usage.js'

const { values: options } = parseArgs({
  options: {
    statements: { type: 'string', default: '1000000' },
    partitions: { type: 'string', default: '12' },
    roles: { type: 'string', default: 'route' },
    keep: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})
const partitions = Number(options.partitions)
const roles = options.roles.split(',')
const routes = roles.includes('route')
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const world = await benchWorld({ partitions, keep: options.keep, profile: options.profile })
try {
  const sample = { statements: Number(options.statements), sections: 6, learners: 1000, linesPerObject: 2000, gzipEvery: 0 }
  const { lines, bytesEach } = await world.fill(sampleObjects(sample))
  const { log, naming } = world.services
  const backfilled = ['backfill', '--bucket', world.bucket, '--prefix', 'section/', '--json']
  // Nobody routes yet, so the backfill gives up sealing after a while: that is all right here.
  await world.command('backfill', backfilled, () => undefined)
  const marks = await log.watermarks(topicName('xapi', naming), [...Array(partitions).keys()])
  const target = sum([...marks.values()].map(mark => mark.high))
  const reader = log.reader()
  const status = await openStatus(world.services, topology)
  const routed = async () => sum(await readRoutePositions(log, reader, naming, partitions))
  /** Events that are in no state yet, of what route has made until now. */
  const behind = async () => {
    const { partitions } = await status.read()
    return sum(partitions.map(({ aggregate }) => aggregate!.lag))
  }
  if (!routes) {
    world.role('route')
    while ((await routed()) < target) await sleep(100)
  }
  const all = await behind()
  say(`${target} records in xapi; ${roles.join(' and ')} start`)
  const usage = watch({ ...Object.fromEntries(roles.map(role => [role, world.role(role).pid!])), ...world.servers })
  // From the first commit on: starting node and joining the group is not processing.
  const hasBegun = async () => (routes ? (await routed()) > 0 : (await behind()) < all)
  while (!(await hasBegun())) await sleep(20)
  const began = performance.now()
  const first = routes ? await routed() : 0
  while ((await routed()) < target) await sleep(100)
  const routeSeconds = (performance.now() - began) / 1000
  if (roles.includes('aggregate')) while ((await behind()) > 0) await sleep(100)
  const seconds = (performance.now() - began) / 1000
  await status.close()
  await reader.close()
  world.report(roles.join('-and-'), {
    statements: lines,
    bytesEach,
    partitions,
    seconds: Number(seconds.toFixed(2)),
    ...(roles.length > 1 ? { routeSeconds: Number(routeSeconds.toFixed(2)) } : {}),
    statementsPerSecond: Math.round((target - first) / seconds),
    ...usage.sum(lines),
  })
} finally {
  await world.close()
}
