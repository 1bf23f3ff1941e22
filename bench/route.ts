/**
 * Route alone: statements that are already in `xapi` to typed events, exactly once, with commits of a second. The work that
 * Kafka Streams was measured with (see the README beside this file).
 *
 * node dist/bench/route.js [--statements 1000000] [--partitions 12] [--keep] [--profile]
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sampleObjects } from '../demo/sample-history.js'
import { readRoutePositions } from '../runtime/route/route-positions.js'
import { topicName } from '../schemas/topics.js'
import { benchWorld, say } from './bench-world.js'
import { watch } from './process-usage.js'

const { values: options } = parseArgs({
  options: {
    statements: { type: 'string', default: '1000000' },
    partitions: { type: 'string', default: '12' },
    keep: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})
const partitions = Number(options.partitions)
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
  say(`${target} records in xapi; route starts`)
  const reader = log.reader()
  const child = world.role('route')
  const usage = watch({ route: child.pid!, ...world.servers })
  const positions = async () => sum(await readRoutePositions(log, reader, naming, partitions))
  // From the first commit on: starting node and joining the group is not routing.
  let first = 0
  while (first === 0) {
    await sleep(50)
    first = await positions()
  }
  const began = performance.now()
  let done = first
  while (done < target) {
    await sleep(100)
    done = await positions()
  }
  const seconds = (performance.now() - began) / 1000
  await reader.close()
  world.report('route', {
    statements: lines,
    bytesEach,
    partitions,
    seconds: Number(seconds.toFixed(2)),
    statementsPerSecond: Math.round((target - first) / seconds),
    ...usage.sum(lines),
  })
} finally {
  await world.close()
}
