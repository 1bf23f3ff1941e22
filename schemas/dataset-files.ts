import type { DatasetTopicId, StateTopicId } from './topics.js'

/** Rows of a snapshot by the hash of their key: the `index`-th of `of` equal parts of all hashes. `of` is a power of two. */
export interface Bucket {
  readonly index: number
  readonly of: number
  /** Of a bucket that does not fit into one file: which of its files, from 0 on. */
  readonly part?: number | undefined
}

/** One listed S3 object of a dataset revision: a record in `dataset-files`, key `F|dataset|revision|partition|sequence`. */
export interface FileRecord {
  readonly topic: DatasetTopicId
  /** Object key below the datasets bucket. */
  readonly key: string
  readonly bytes: number
  readonly rows: number
  readonly sha256: string
  /** Of the rows' records. Of a part of a bucket `lastOffset` is that of the table when it was written. */
  readonly firstOffset: number
  readonly lastOffset: number
  /** Of a snapshot: which of its buckets. The file is written anew when a row in it changes. */
  readonly bucket?: Bucket
  /** Event times of the first and the last row in time, ISO. */
  readonly firstTime: string
  readonly lastTime: string
  /** Sequences that this file holds the rows of; they are tombstoned in the same transaction. */
  readonly replaces: readonly number[]
  readonly rules: number
  /** Fingerprint of the key that its pseudonyms were made with; absent = it has none, or a release made it that did not write this down. */
  readonly pseudonymKey?: string
  /** 0 = as flushed; n + 1 = neighbours of level n merged, eight as a rule (see `planMerge`). */
  readonly level: number
}

/** Next offset per topic that a sink task reads. */
export type Offsets = Readonly<Partial<Record<DatasetTopicId | 'route-ledger', number>>>

/** What the snapshots of one state topic contain. */
export interface TableProgress {
  /** Next offset of the state topic. */
  readonly next: number
  /** As in `Reach`. */
  readonly xapi: number
  readonly received: number
}

/** How far files of one partition are. */
export interface Reach {
  /** Everything below is in them. */
  readonly next: Offsets
  /** Next `xapi` offset: everything below is in them. */
  readonly xapi: number
  /** Append time (ms) of the last `xapi` record below; everything appended up to then is in them. */
  readonly received: number
}

/** Key `P|live|partition`: how far the files of all joined datasets of a partition are, but for those that `waiting` names. */
export interface LiveProgress extends Reach {
  /**
   * Dataset id → revisions that read with the live position, and of snapshots those that were written whole. One as a rule; a newer one
   * stands beside the one that manifests show until it takes its place.
   */
  readonly joined: Readonly<Record<string, readonly number[]>>
  /** By `dataset|revision`: how far the files of those are whose last rows wait for their own next flush. */
  readonly waiting?: Readonly<Record<string, Reach>>
  /** Of the state topics that snapshots are made of. */
  readonly tables?: Readonly<Partial<Record<StateTopicId, TableProgress>>>
}

export const isJoined = ({ joined }: LiveProgress, dataset: string, revision: number) => joined[dataset]?.includes(revision) ?? false

/** Key `P|dataset|revision|partition`: a revision that is catching up; tombstoned when it joins the live position. */
export interface CatchUpProgress {
  readonly next: Offsets
  /** It cannot go on: events that it needs were deleted. It is tried again when its task starts again. */
  readonly lost?: LostEvents
}

/** What a dataset would have to read next of a topic, and where the topic begins now. */
export interface LostEvents {
  readonly topic: DatasetTopicId
  readonly next: number
  readonly low: number
}

export const lostText = ({ topic, partition, next, low }: LostEvents & { readonly partition: number }) =>
  `offsets ${next} to ${low - 1} of ${topic}, partition ${partition}, were deleted`

export type DatasetFilesKey =
  | { readonly kind: 'file'; readonly dataset: string; readonly revision: number; readonly partition: number; readonly sequence: number }
  | { readonly kind: 'live'; readonly partition: number }
  | { readonly kind: 'catch-up'; readonly dataset: string; readonly revision: number; readonly partition: number }

/** Dataset ids cannot contain `|` (see the spec), so keys split without escapes. */
export function datasetFilesKey(key: DatasetFilesKey): string {
  if (key.kind === 'live') return `P|live|${key.partition}`
  if (key.kind === 'catch-up') return `P|${key.dataset}|${key.revision}|${key.partition}`
  return `F|${key.dataset}|${key.revision}|${key.partition}|${key.sequence}`
}

export function parseDatasetFilesKey(text: string): DatasetFilesKey {
  const parts = text.split('|')
  if (parts[0] === 'P' && parts[1] === 'live' && parts.length === 3) return { kind: 'live', partition: Number(parts[2]) }
  if (parts[0] === 'P' && parts.length === 4)
    return { kind: 'catch-up', dataset: parts[1]!, revision: Number(parts[2]), partition: Number(parts[3]) }
  if (parts[0] === 'F' && parts.length === 5)
    return { kind: 'file', dataset: parts[1]!, revision: Number(parts[2]), partition: Number(parts[3]), sequence: Number(parts[4]) }
  throw new Error(`reading dataset-files: unknown key ${text}`)
}
