import { topicName } from '../../schemas/topics.js'
import { datasetPrefix } from '../../sinks/naming.js'
import { type DatasetObjects, datasetObjects } from '../datasets/dataset-objects.js'
import { readPins } from '../datasets/read-pins.js'
import type { OpenUpload } from '../object-store.js'
import type { Services } from '../services.js'
import { makeSpecTable } from '../spec-table.js'
import { makeTail, type TailedTopic } from '../tail.js'
import { requireTopics } from '../topics-admin.js'
import { type AtWork, sayAtWork } from './at-work.js'
import { type FilesFold, filesFold } from './files-fold.js'
import { inParallel } from './in-parallel.js'
import { isOurs, type Listing, listDataset } from './list-dataset.js'
import { type DatasetPlan, type GcTables, planDataset } from './plan-dataset.js'
import { manifestReader } from './read-manifests.js'
import { type DatasetSum, emptySum, type GcSum, totalOf } from './sum.js'

const oldMs = 86_400_000
const unknownShown = 5
const atOnce = 8
/** As many as one request of S3 takes. */
const removedAtOnce = 1000

export interface GcOptions {
  readonly dryRun: boolean
  readonly onProgress: (text: string) => void
  readonly signal: AbortSignal
}

/**
 * Removes what no manifest can need any more, dataset by dataset: 1 list the bucket 2 fold the committed truth, as of after the listing:
 * what was committed meanwhile is known to be listed 3 say in the bucket that it is at work, then read the pins (`at-work.ts`) 4 read the
 * manifests that are kept 5 judge 6 clear old manifests 7 remove objects 8 abort uploads in parts that nobody completes.
 *
 * 6 comes before 7: no manifest that can be read lists a file that is gone. Broken anywhere, the next run goes on. Only prefixes of datasets
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
  const objects = datasetObjects(services)
  const now = services.clock.now()
  const listing = await listDataset(objects, id, seen => onProgress(`${id}: ${seen} objects listed`))
  const uploads = await abandonedUploads(objects, id, now)
  await catchUp()
  const untouched = (problem: string) => ({ ...emptySum(id, !tables.specs.specs.has(id)), problem })
  if (tables.specs.unusable.has(id)) return untouched('its spec was applied by a newer version of Tributary')
  const sum = emptySum(id, !tables.specs.specs.has(id))
  sum.unknown.push(...listing.unknown.slice(0, unknownShown))
  sum.unknownCount = listing.unknown.length
  // Before the pins are read: who pins a version from here on waits until this run has ended.
  const atWork = dryRun || holdsNothing(listing, uploads) ? null : await sayAtWork(services, id)
  try {
    let plan: DatasetPlan
    try {
      plan = await planDataset(tables, listing, await readPins(objects, id), manifestReader(objects, id), now, sum)
    } catch (error) {
      // One dataset that cannot be judged is left as it is, and said so: the others are no worse for it.
      return untouched((error as Error).message)
    }
    sum.uploads = uploads.length
    if (atWork !== null) await carryOut(services, plan, uploads, sum, atWork, onProgress)
    return sum
  } finally {
    await atWork?.end()
  }
}

/** The bucket itself may not be there yet. */
const holdsNothing = ({ versions, pieces, lists, front }: Listing, uploads: readonly OpenUpload[]) =>
  [versions, pieces, lists, front, uploads].every(({ length }) => length === 0)

async function carryOut(
  { store, config: { datasetsBucket: bucket } }: Services,
  { clear, remove }: DatasetPlan,
  uploads: readonly OpenUpload[],
  sum: DatasetSum,
  atWork: AtWork,
  onProgress: (text: string) => void,
): Promise<void> {
  const empty = Buffer.alloc(0)
  onProgress(`${sum.id}: clearing ${clear.length} manifests`)
  await inParallel(clear, atOnce, async key => {
    if (atWork.holds()) await store.put(bucket, key, empty, 'application/json')
  })
  onProgress(`${sum.id}: removing ${remove.length} objects`)
  for (let from = 0; from < remove.length && atWork.holds(); from += removedAtOnce)
    await store.delete(
      bucket,
      remove.slice(from, from + removedAtOnce).map(object => object.key),
    )
  await inParallel(uploads, atOnce, upload => store.abortUpload(bucket, upload))
  if (!atWork.holds()) sum.problem = 'it took too long, and was broken off: the next run goes on'
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
