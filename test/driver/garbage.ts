import { collectGarbage } from '../../runtime/gc/collect-garbage.js'
import type { DatasetSum, GcSum } from '../../runtime/gc/sum.js'
import { partitionOf } from '../../schemas/partition.js'
import { topicName } from '../../schemas/topics.js'
import { manifestVersionsPrefix } from '../../sinks/naming.js'
import type { World } from './world.js'

export const hourMs = 3_600_000

/** `gc` as it would go so many hours later, for everything that lies in the bucket now. */
export function gcLater(world: World, hours: number, dryRun = false): Promise<GcSum> {
  const { clock } = world.services
  const later = { ...world.services, clock: { ...clock, now: () => clock.now() + hours * hourMs } }
  return collectGarbage(later, { dryRun, onProgress: () => undefined, signal: new AbortController().signal })
}

export const sumOf = (sum: GcSum, id: string): DatasetSum => sum.datasets.find(dataset => dataset.id === id)!

export async function keysOf(world: World, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of world.services.store.list(world.services.config.datasetsBucket, prefix)) keys.push(key)
  return keys.sort()
}

/** Version numbers, and which of them were cleared. */
export async function numbersOf(world: World, dataset: string): Promise<{ all: number[]; cleared: number[] }> {
  const all: number[] = []
  const cleared: number[] = []
  for await (const { key, size } of world.services.store.list(world.services.config.datasetsBucket, manifestVersionsPrefix(dataset))) {
    const version = Number.parseInt(key.slice(manifestVersionsPrefix(dataset).length), 10)
    all.push(version)
    if (size === 0) cleared.push(version)
  }
  return { all, cleared }
}

/** As the command for it writes it. */
export async function deleteDataset(world: Pick<World, 'services'>, id: string): Promise<void> {
  const { log, naming, config } = world.services
  const key = Buffer.from(id)
  const writer = await log.writer()
  const topic = topicName('datasets', naming)
  await writer.send([{ topic, partition: partitionOf(key, config.partitions), records: [{ key, value: null }] }])
  await writer.close()
}
