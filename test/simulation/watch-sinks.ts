import type { LogRecord } from '../../runtime/log.js'
import { applySinkRecord, emptySinkRecords, revisionKey, type SinkRecords } from '../../runtime/sink/sink-records.js'
import { type Bucket, type FileRecord, type LiveProgress, parseDatasetFilesKey } from '../../schemas/dataset-files.js'
import type { DatasetKind } from '../../schemas/dataset-kinds.js'
import { type DatasetSpec, datasetSpecSchema } from '../../schemas/dataset-spec.js'
import { type EventTopicId, eventTopicIds, type StateTopicId } from '../../schemas/topics.js'
import type { Tally } from './faults.js'
import { require } from './require.js'
import type { Objects } from './sim-store.js'
import type { WatchRoute } from './watch-route.js'
import { tableOf, type WatchTables } from './watch-tables.js'

/** The topic of each kind that is asked for here. */
const topicOf: Partial<Record<DatasetKind, EventTopicId>> = {
  attempt_evaluated: 'events.attempt',
  page_viewed: 'events.page-viewed',
  video: 'events.video',
}

/** What a spec selects, said once more and without the product: only the filters that are used here. */
function selects({ sub_types }: DatasetSpec, text: string): boolean {
  return sub_types === null || sub_types.some(type => text.includes(`/xapi/video/verbs/${type}"`))
}

type Rows = Pick<FileRecord, 'topic' | 'key' | 'rows' | 'firstOffset' | 'lastOffset' | 'sha256'> & {
  readonly bucket?: Bucket | undefined
}

/** What files are said to contain, as a manifest has it; `xapi` is null while that is not said. */
interface Reach {
  readonly next: Readonly<Record<string, number>>
  readonly xapi: number | null
}

/**
 * Files and progress of every partition. Each file is there as it is listed, ranges do not overlap, progress never goes back, and at every
 * moment the listed files hold as many rows as the dataset selects of the events below its progress: none is missing, none is there twice.
 * (Files of states: see `WatchTables`.)
 */
export class WatchSinks {
  readonly records: readonly SinkRecords[]
  /** Append time of the newest record of each partition. */
  readonly filesAt: number[]
  readonly #route: WatchRoute
  readonly #tables: WatchTables
  readonly #objects: Objects
  readonly #tally: Tally
  readonly #specs = new Map<string, DatasetSpec>()
  /** Offsets of the selected events, by revision, topic and partition, as far as somebody has asked. */
  readonly #selected = new Map<string, { readonly offsets: number[]; looked: number }>()

  constructor(partitions: number, route: WatchRoute, tables: WatchTables, objects: Objects, tally: Tally) {
    this.records = Array.from({ length: partitions }, emptySinkRecords)
    this.filesAt = this.records.map(() => 0)
    this.#route = route
    this.#tables = tables
    this.#objects = objects
    this.#tally = tally
  }

  onSpec(record: LogRecord): void {
    if (record.value === null) return
    const parsed = datasetSpecSchema.safeParse(JSON.parse(record.value.toString()))
    if (parsed.success) this.#specs.set(revisionKey(parsed.data.id, record.offset), parsed.data)
  }

  /** All that one transaction wrote. */
  onFiles(written: readonly LogRecord[], partition: number): void {
    const records = this.records[partition]!
    this.filesAt[partition] = written.at(-1)!.timestamp
    const before = records.live
    for (const record of written) {
      applySinkRecord(records, record)
      if (record.value === null || parseDatasetFilesKey(record.key!.toString()).kind !== 'file') continue
      const file = JSON.parse(record.value.toString()) as FileRecord
      this.requireFile(file, 'dataset-files')
      if (file.replaces.length > 0) this.#tally[file.bucket === undefined ? 'merge' : 'bucketReplaced']++
      if ((file.bucket?.of ?? 1) > 1) this.#tally.bucketOfSeveral++
    }
    notBack(before, records.live, partition)
    for (const [name, files] of records.files) if (!this.isTable(name)) noOverlap(name, [...files.values()])
    const { live, catchUps } = records
    for (const [dataset, revision] of Object.entries(live.joined).flatMap(([id, all]) => all.map(each => [id, each] as const))) {
      const name = revisionKey(dataset, revision)
      const table = tableOf[this.#specs.get(name)!.kind]
      if (table === undefined) this.#complete(name, partition, live.waiting?.[name] ?? live)
      else this.#complete(name, partition, { next: { [table]: live.tables?.[table]?.next ?? 0 }, xapi: live.tables?.[table]?.xapi ?? 0 })
    }
    for (const [name, { next }] of catchUps) this.#complete(name, partition, { next, xapi: null })
  }

  /** Deleted datasets, and revisions nobody shows any more, whose files are still listed: by name. */
  others(shown: ReadonlySet<string>): string[] {
    return this.records.flatMap(({ files }) => [...files.keys()].filter(name => !shown.has(name)))
  }

  /** Keys of the listed files. */
  files(dataset: string, revision: number): string[] {
    const name = revisionKey(dataset, revision)
    return this.records.flatMap(({ files }) => [...(files.get(name)?.values() ?? [])].map(file => file.key))
  }

  requireFile({ key, rows, sha256 }: Rows, where: string): void {
    require(this.#objects.sha256(key) === sha256, () => `${where} lists ${key}, which is not there as listed`)
    require(this.#objects.rows(key) === rows, () => `${where} lists ${key} with ${rows} rows, it has ${this.#objects.rows(key)}`)
  }

  /** A revision whose rows lie by key. */
  isTable(name: string): boolean {
    return tableOf[this.#specs.get(name)!.kind] !== undefined
  }

  /** That these files of one partition have the rows of all selected events, or states, below `next`. */
  requireRows(name: string, partition: number, files: readonly Rows[], { next, xapi }: Reach, where: string): void {
    const spec = this.#specs.get(name)!
    const table = tableOf[spec.kind]
    if (table !== undefined) {
      this.#tables.requireRows(spec, partition, files, { next: next[table] ?? 0, xapi }, where)
      return
    }
    const topic = topicOf[spec.kind]!
    const rows = files.reduce((sum, file) => sum + file.rows, 0)
    const wanted = this.#below(name, topic, partition, next[topic] ?? 0)
    require(rows === wanted, () => `${where}: ${name} has ${rows} rows of partition ${partition}, of ${wanted} events below ${next[topic]}`)
  }

  #complete(name: string, partition: number, reach: Reach): void {
    const files = this.records[partition]!.files.get(name)?.values() ?? []
    this.requireRows(name, partition, [...files], reach, 'dataset-files')
  }

  #below(name: string, topic: EventTopicId, partition: number, end: number): number {
    const place = `${name}|${topic}|${partition}`
    const selected = this.#selected.get(place) ?? { offsets: [], looked: 0 }
    this.#selected.set(place, selected)
    const events = this.#route.events(topic, partition)
    const spec = this.#specs.get(name)!
    for (; selected.looked < events.length; selected.looked++) {
      const { text, offset } = events[selected.looked]!
      if (selects(spec, text)) selected.offsets.push(offset)
    }
    const above = selected.offsets.findIndex(offset => offset >= end)
    return above < 0 ? selected.offsets.length : above
  }
}

function notBack(before: LiveProgress, after: LiveProgress, partition: number): void {
  require(after.xapi >= before.xapi, () => `the sink's position in ${partition} goes back from ${before.xapi} to ${after.xapi}`)
  for (const topic of eventTopicIds)
    require((after.next[topic] ?? 0) >= (before.next[topic] ?? 0), () => `the sink's position in ${topic}/${partition} goes back`)
  for (const [name, told] of Object.entries(before.waiting ?? {})) {
    const [dataset, revision] = name.split('|')
    if (!after.joined[dataset!]?.includes(Number(revision))) continue
    const now = after.waiting?.[name] ?? after
    require(now.xapi >= told.xapi && now.received >= told.received, () => `the reach of ${name} in ${partition} goes back`)
    for (const topic of eventTopicIds)
      require((now.next[topic] ?? 0) >= (told.next[topic] ?? 0), () => `the reach of ${name} in ${topic}/${partition} goes back`)
  }
  for (const [topic, told] of Object.entries(before.tables ?? {})) {
    // A table that no dataset is made of is forgotten.
    const now = after.tables?.[topic as StateTopicId] ?? told
    for (const what of ['next', 'xapi', 'received'] as const)
      require(now[what] >= told[what], () => `${what} of ${topic}/${partition} goes back from ${told[what]} to ${now[what]}`)
  }
}

/** Files of one partition, or of one partition each. */
export function noOverlap(name: string, files: readonly Rows[]): void {
  const sorted = [...files].sort((a, b) => (a.topic === b.topic ? a.firstOffset - b.firstOffset : a.topic < b.topic ? -1 : 1))
  for (const [i, file] of sorted.entries()) {
    const former = sorted[i - 1]
    require(former === undefined || former.topic !== file.topic || former.lastOffset < file.firstOffset, () =>
      `${name}: ${file.key} and ${former!.key} overlap`)
  }
}
