/**
 * History in S3 to complete datasets: statements per second from the start of a backfill until every dataset holds the run, CPU per
 * statement and peak memory per role. All real: Kafka, registry and S3 server of the local stack, every role in a process of its own.
 *
 * node dist/bench/end-to-end.js [--statements 200000] [--partitions 12] [--from FOLDER] [--keep] [--profile]
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { sampleObjects } from '../demo/sample-history.js'
import { applyDataset } from '../runtime/datasets/apply.js'
import { topology } from '../topology.js'
import { benchWorld } from './bench-world.js'
import { watch } from './process-usage.js'

const { values: options } = parseArgs({
  options: {
    statements: { type: 'string', default: '200000' },
    partitions: { type: 'string', default: '12' },
    from: { type: 'string' },
    keep: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})

function* filesOf(folder: string): Generator<{ key: string; body: Buffer }> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && /\.jsonl(\.gz)?$/.test(entry.name)) {
      const path = join(entry.parentPath, entry.name)
      yield { key: relative(folder, path), body: readFileSync(path) }
    }
}

const sample = { statements: Number(options.statements), sections: 6, learners: 1000, linesPerObject: 2000, gzipEvery: 0 }
const world = await benchWorld({ partitions: Number(options.partitions), keep: options.keep, profile: options.profile })
try {
  const { lines, bytesEach } = await world.fill(options.from ? filesOf(options.from) : sampleObjects(sample))
  for (const { kind } of topology.formats)
    await applyDataset(world.services, topology.formats, { id: kind.replaceAll('_', '-'), kind }, { dryRun: false })
  const roles = Object.fromEntries(['route', 'aggregate', 'sink', 'publish'].map(role => [role, world.role(role).pid!]))
  const usage = watch({ ...roles, ...world.servers })
  const began = performance.now()
  const args = ['backfill', '--bucket', world.bucket, '--prefix', 'section/', '--wait', '--json']
  await world.command('backfill', args, pid => usage.add('backfill', pid))
  const seconds = (performance.now() - began) / 1000
  world.report('end-to-end', {
    statements: lines,
    bytesEach,
    partitions: Number(options.partitions),
    datasets: topology.formats.length,
    seconds: Number(seconds.toFixed(2)),
    statementsPerSecond: Math.round(lines / seconds),
    ...usage.sum(lines),
  })
} finally {
  await world.close()
}
