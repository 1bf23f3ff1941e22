/**
 * Many datasets that catch up at once, each with sections of its own: memory of the sink (anonymous, sampled), time, and the files it writes.
 *
 * node dist/bench/catch-up.js [--statements 150000] [--datasets 30] [--keep]
 */
import { parseArgs } from 'node:util'
import { sampleObjects } from '../demo/sample-history.js'
import { applyDataset } from '../runtime/datasets/apply.js'
import { topology } from '../topology.js'
import { type BenchWorld, benchWorld, say } from './bench-world.js'
import { watch } from './process-usage.js'

const { values: options } = parseArgs({
  options: {
    statements: { type: 'string', default: '150000' },
    datasets: { type: 'string', default: '30' },
    keep: { type: 'boolean', default: false },
  },
})
const sections = 6

async function apply({ services }: BenchWorld, id: string): Promise<void> {
  const ids = Array.from({ length: sections }, (_, i) => 145 + i)
  await applyDataset(services, topology.formats, { id, kind: 'attempt_evaluated', section_ids: ids }, { dryRun: false })
}

const world = await benchWorld({ partitions: 12, keep: options.keep, profile: false })
const wait = (id: string) => world.command('dataset', ['dataset', 'wait', id, '--timeout', '900', '--json'], () => undefined)
try {
  const sample = { statements: Number(options.statements), sections, learners: 3000, linesPerObject: 2000, gzipEvery: 0 }
  const { lines, bytesEach } = await world.fill(sampleObjects(sample))
  const route = world.role('route')
  const sink = world.role('sink')
  const publish = world.role('publish')
  await apply(world, 'first')
  await world.command('backfill', ['backfill', '--bucket', world.bucket, '--prefix', 'section/', '--wait', '--json'], () => undefined)
  await world.stop(route)
  await world.stop(sink)

  const fresh = world.role('sink')
  await wait('first')
  const usage = watch({ sink: fresh.pid! })
  const ids = Array.from({ length: Number(options.datasets) }, (_, i) => `d${i}`)
  for (const id of ids) await apply(world, id)
  const began = Date.now()
  let firstSeconds = 0
  for (const id of ids) {
    await wait(id)
    firstSeconds ||= (Date.now() - began) / 1000
    say(`${id} is complete after ${((Date.now() - began) / 1000).toFixed(1)} s`)
  }
  const seconds = (Date.now() - began) / 1000
  const { peakAnonMb, cpuMicrosPerStatement } = usage.sum(lines * ids.length)
  const sizes: number[] = []
  for await (const { key, size } of world.services.store.list(world.services.config.datasetsBucket, ''))
    if (key.endsWith('.csv')) sizes.push(size)
  sizes.sort((a, b) => a - b)
  await world.stop(fresh)
  await world.stop(publish)
  world.report('catch-up', {
    statements: lines,
    bytesEach,
    datasets: ids.length,
    sinkPeakAnonMb: peakAnonMb.sink,
    cpuMicrosPerStatementAndDataset: cpuMicrosPerStatement.sink,
    firstSeconds,
    seconds,
    files: sizes.length,
    fileBytes: { median: sizes[sizes.length >> 1], below64KiB: sizes.filter(size => size < 65_536).length },
  })
} finally {
  await world.close()
}
