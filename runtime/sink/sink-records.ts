import {
  type CatchUpProgress,
  type DatasetFilesKey,
  datasetFilesKey,
  type FileRecord,
  isJoined,
  type LiveProgress,
  parseDatasetFilesKey,
  type Reach,
} from '../../schemas/dataset-files.js'
import type { StateTopicId } from '../../schemas/topics.js'
import type { Log, LogRecord, OutRecord } from '../log.js'
import { readPartition } from '../read-partition.js'

export const revisionKey = (dataset: string, revision: number) => `${dataset}|${revision}`

/** What the committed records of one `dataset-files` partition say: the whole truth a sink task starts from. */
export interface SinkRecords {
  live: LiveProgress
  /** By `dataset|revision`. */
  readonly catchUps: Map<string, CatchUpProgress>
  /** By `dataset|revision`, then sequence. */
  readonly files: Map<string, Map<number, FileRecord>>
}

/**
 * How far the files of a revision are in one partition; null = it has not joined there. `table`: the state topic that it is made of, if it is
 * a snapshot.
 */
export function joinedReach(live: LiveProgress, dataset: string, revision: number, table: StateTopicId | null): Reach | null {
  if (!isJoined(live, dataset, revision)) return null
  if (table === null) return live.waiting?.[revisionKey(dataset, revision)] ?? live
  const { next, xapi, received } = live.tables?.[table] ?? { next: 0, xapi: 0, received: 0 }
  return { next: { [table]: next }, xapi, received }
}

export const nothingYet: LiveProgress = { next: {}, xapi: 0, received: 0, joined: {} }

export function emptySinkRecords(): SinkRecords {
  return { live: nothingYet, catchUps: new Map(), files: new Map() }
}

/** The fold: last value of a key counts, a tombstone removes. Answers what the record was about. */
export function applySinkRecord(records: SinkRecords, record: Pick<LogRecord, 'key' | 'value'>): DatasetFilesKey {
  const key = parseDatasetFilesKey(record.key!.toString())
  const value: unknown = record.value === null ? null : JSON.parse(record.value.toString())
  if (key.kind === 'live') records.live = (value as LiveProgress | null) ?? nothingYet
  else if (key.kind === 'catch-up') {
    const name = revisionKey(key.dataset, key.revision)
    if (value === null) records.catchUps.delete(name)
    else records.catchUps.set(name, value as CatchUpProgress)
  } else {
    const name = revisionKey(key.dataset, key.revision)
    const files = records.files.get(name) ?? new Map<number, FileRecord>()
    if (value === null) files.delete(key.sequence)
    else files.set(key.sequence, value as FileRecord)
    if (files.size > 0) records.files.set(name, files)
    else records.files.delete(name)
  }
  return key
}

/** `end`: up to where it has read. */
export async function readSinkRecords(log: Log, topic: string, partition: number): Promise<SinkRecords & { readonly end: number }> {
  const records = emptySinkRecords()
  const end = await readPartition(log, topic, partition, record => void applySinkRecord(records, record))
  return Object.assign(records, { end })
}

const json = (value: unknown) => (value === null ? null : Buffer.from(JSON.stringify(value)))

export function fileOut(dataset: string, revision: number, partition: number, sequence: number, file: FileRecord | null): OutRecord {
  return { key: Buffer.from(datasetFilesKey({ kind: 'file', dataset, revision, partition, sequence })), value: json(file) }
}

export function liveOut(partition: number, progress: LiveProgress): OutRecord {
  return { key: Buffer.from(datasetFilesKey({ kind: 'live', partition })), value: json(progress) }
}

export function catchUpOut(dataset: string, revision: number, partition: number, progress: CatchUpProgress | null): OutRecord {
  return { key: Buffer.from(datasetFilesKey({ kind: 'catch-up', dataset, revision, partition })), value: json(progress) }
}
