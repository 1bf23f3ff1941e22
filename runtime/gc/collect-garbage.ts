import { topicName } from '../../schemas/topics.js'
import { datasetPrefix } from '../../sinks/naming.js'
import { type DatasetObjects, datasetObjects } from '../datasets/dataset-objects.js'
import type { OpenUpload } from '../object-store.js'
import type { Services } from '../services.js'
import { makeSpecTable } from '../spec-table.js'
import { makeTail, type TailedTopic } from '../tail.js'
import { requireTopics } from '../topics-admin.js'
import { type FilesFold, filesFold } from './files-fold.js'
import { inParallel } from './in-parallel.js'
import { isOurs, listDataset } from './list-dataset.js'
import { type DatasetPlan, type GcTables, planDataset } from './plan-dataset.js'
import { manifestReader } from './read-manifests.js'
import { type DatasetSum, emptySum, type GcSum, totalOf } from './sum.js'

const oldMs = 86_400_000
const unknownShown = 5
const atOnce = 8

export interface GcOptions {
  readonly dryRun: boolean
  readonly onProgress: (text: string) => void
  readonly signal: AbortSignal
}

/**
 * Removes what no manifest can need any more, dataset by dataset: 1 list the bucket 2 fold the committed truth, as of after the listing:
 * what was committed meanwhile is known to be listed 3 read the manifests that are kept 4 judge 5 clear old manifests 6 remove objects 7 abort
 * uploads in parts that nobody completes.
 *
 * 5 comes before 6: no manifest that can be read lists a file that is gone. Broken anywhere, the next run goes on. Only prefixes of datasets
 * that the topics know are looked at, and of those only keys that are ours.
 */
export async function collectGarbage(services: Services, options: GcOptions): Promise<GcSum> {
  await requireTopics(services)
  const { tables, known, catchUp, close } = await openGcTables(services)
  const sums: DatasetSum[] = []
  try {
    await catchUp()
    for (const id of [...known()].sort()) {
      if (options.signal.aborted) break
      sums.push(await collectDataset(services, tables, id, catchUp, options))
    }
  } finally {
    await close()
  }
  return totalOf(options.dryRun, sums)
}

async function collectDataset(
  services: Services,
  tables: GcTables,
  id: string,
  catchUp: () => Promise<void>,
  { dryRun, onProgress }: GcOptions,
): Promise<DatasetSum> {
  const { store, clock, config } = services
  const bucket = config.datasetsBucket
  const objects = datasetObjects(services)
  const now = clock.now()
  const listing = await listDataset(objects, id, seen => onProgress(`${id}: ${seen} objects listed`))
  const uploads = await abandonedUploads(objects, id, now)
  await catchUp()
  const untouched = (problem: string) => ({ ...emptySum(id, !tables.specs.specs.has(id)), problem })
  if (tables.specs.unusable.has(id)) return untouched('its spec was applied by a newer version of Tributary')
  const sum = emptySum(id, !tables.specs.specs.has(id))
  sum.unknown.push(...listing.unknown.slice(0, unknownShown))
  sum.unknownCount = listing.unknown.length
  let plan: DatasetPlan
  try {
    plan = await planDataset(tables, listing, manifestReader(objects, id), now, sum)
  } catch (error) {
    // One dataset that cannot be judged is left as it is, and said so: the others are no worse for it.
    return untouched((error as Error).message)
  }
  sum.uploads = uploads.length
  if (dryRun) return sum
  const empty = Buffer.alloc(0)
  onProgress(`${id}: clearing ${plan.clear.length} manifests`)
  await inParallel(plan.clear, atOnce, key => store.put(bucket, key, empty, 'application/json'))
  onProgress(`${id}: removing ${plan.remove.length} objects`)
  await store.delete(
    bucket,
    plan.remove.map(object => object.key),
  )
  await inParallel(uploads, atOnce, upload => store.abortUpload(bucket, upload))
  return sum
}

async function abandonedUploads(objects: DatasetObjects, dataset: string, now: number): Promise<OpenUpload[]> {
  const found: OpenUpload[] = []
  for await (const upload of objects.openUploads(datasetPrefix(dataset)))
    if (upload.begun <= now - oldMs && isOurs(dataset, upload.key)) found.push(upload)
  return found
}

/** The tables that decide: specs, and the files of every generation up to ours whose topic is still there. */
async function openGcTables({ log, naming, config }: Services) {
  const specs = makeSpecTable()
  const seen = new Set<string>()
  const files = new Map<number, FilesFold>()
  const names = new Map(
    Array.from({ length: naming.generation + 1 }, (_, g) => [topicName('dataset-files', { ...naming, generation: g }), g]),
  )
  const there = await log.describeTopics([...names.keys()])
  const topics: TailedTopic[] = [
    {
      topic: topicName('datasets', naming),
      partitions: config.partitions,
      onRecord(record, partition) {
        const key = record.key?.toString() ?? ''
        if (!key.includes('|')) seen.add(key)
        specs.onRecord(record, partition)
      },
    },
  ]
  const ids = new Map<number, string>()
  for (const { name, id, partitions } of there.values()) {
    const fold = filesFold()
    ids.set(names.get(name)!, id)
    files.set(names.get(name)!, fold)
    topics.push({ topic: name, partitions, onRecord: fold.onRecord })
  }
  const tail = makeTail(log, topics)
  return {
    tables: { specs, generation: naming.generation, files, ids },
    known: () => new Set([...seen, ...[...files.values()].flatMap(fold => [...fold.datasets])]),
    catchUp: () => tail.catchUp(),
    close: () => tail.close(),
  }
}
