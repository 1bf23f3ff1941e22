/**
 * What a sink holds in memory while S3 is a hundred times slower: events keep coming, and it must wait, not gather. Anonymous memory, sampled,
 * beside that of the same sink at the usual speed.
 *
 * node dist/bench/slow-sink.js [--statements 400000] [--delay 1000] [--keep]
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readConfig } from '../config.js'
import { sampleObjects } from '../demo/sample-history.js'
import { addressesOf } from '../runtime/addresses.js'
import { applyDataset } from '../runtime/datasets/apply.js'
import type { ObjectStore } from '../runtime/object-store.js'
import { runOneRole } from '../runtime/roles.js'
import { openServices } from '../runtime/services.js'
import { readServices } from '../stack/stack.js'
import { topology } from '../topology.js'
import { type BenchWorld, benchWorld, say } from './bench-world.js'
import { watch } from './process-usage.js'

const { values: options } = parseArgs({
  options: {
    statements: { type: 'string', default: '400000' },
    /** Milliseconds that every PUT takes longer; one takes about ten. */
    delay: { type: 'string', default: '1000' },
    keep: { type: 'boolean', default: false },
    /** Of the process that is measured. */
    child: { type: 'boolean', default: false },
  },
})
const delayMs = Number(options.delay)
const watchedSeconds = 30

/** The sink role as `run` starts it, but for its object store. */
async function slowSink(): Promise<void> {
  const config = readConfig(process.env)
  const services = openServices(config, addressesOf(config, readServices(config.dataDir)), 'sink')
  const store: ObjectStore = {
    ...services.store,
    async create(...args) {
      await sleep(delayMs)
      return services.store.create(...args)
    },
  }
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  process.once('disconnect', () => stop.abort())
  await runOneRole('sink', { ...services, store }, topology, stop.signal)
  await services.close()
  process.disconnect?.()
}

async function apply({ services }: BenchWorld, suffix: string): Promise<void> {
  for (const { kind } of topology.formats)
    await applyDataset(services, topology.formats, { id: `${kind.replaceAll('_', '-')}${suffix}`, kind }, { dryRun: false })
}

async function bench(): Promise<void> {
  const world = await benchWorld({ partitions: 12, keep: options.keep, profile: false })
  try {
    const sample = { statements: Number(options.statements), sections: 6, learners: 1000, linesPerObject: 2000, gzipEvery: 0 }
    const { lines, bytesEach } = await world.fill(sampleObjects(sample))
    const peakOf = async (delay: number, work: () => Promise<void>) => {
      say(`a sink whose PUTs take ${delay} ms longer`)
      const child = world.script('slow-sink', ['--child', '--delay', String(delay)])
      const usage = watch({ sink: child.pid! })
      await work()
      await sleep(watchedSeconds * 1000)
      const { peakAnonMb } = usage.sum(lines)
      await world.stop(child)
      return peakAnonMb.sink
    }
    await apply(world, '')
    const route = world.role('route')
    const slow = await peakOf(delayMs, () =>
      world.command('backfill', ['backfill', '--bucket', world.bucket, '--prefix', 'section/', '--json'], () => undefined),
    )
    await world.stop(route)
    // The same events once more, for other datasets, at the usual speed.
    await apply(world, '-again')
    const usual = await peakOf(0, async () => undefined)
    world.report('slow-sink', { statements: lines, bytesEach, delayMs, sinkPeakAnonMb: { slow, usual } })
  } finally {
    await world.close()
  }
}

await (options.child ? slowSink() : bench())
