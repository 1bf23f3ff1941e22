import { parseObject } from './json-value.js'
import { historyOfOldRun, type LoadedHistory } from './loaded-history.js'
import type { RefusalCode } from './refusal.js'

/** Topic `sources`, key `bucket/key`: one source object that has been read to its end. */
export interface ObjectRecord {
  readonly etag: string
  readonly size: number
  readonly lines: number
  readonly blank: number
  readonly published: number
  readonly refused: Readonly<Partial<Record<RefusalCode, number>>>
  /** Of its statements, where its path names none; null = more than are noted. Absent where the path does, and in what older releases wrote. */
  readonly sections?: readonly string[] | null
  /** The run or the follow that read it. */
  readonly run: string
  /** When, ISO. */
  readonly at: string
  /** Of the `xapi` topic it was published to: another id means that it is not in this one. */
  readonly topicId: string
}

/** `ended`: all `end` markers are written. `sealed`: the `sealed` ones are, so what it `loads` is loaded. */
export type RunState = 'running' | 'ended' | 'sealed' | 'incomplete'

export interface RunCounts {
  readonly objects: number
  /** Objects that an earlier run had read. */
  readonly skipped: number
  readonly bytes: number
  readonly lines: number
  readonly blank: number
  readonly published: number
  readonly refused: Readonly<Partial<Record<RefusalCode, number>>>
}

/** Listed objects that a run did not take, for one reason. */
export interface ObjectsNotTaken {
  readonly why: string
  readonly objects: number
  /** Keys of the first few. */
  readonly examples: readonly string[]
}

/** Topic `sources`, key `run/<id>`: a backfill run. */
export interface RunRecord {
  readonly plan: { readonly objects: number; readonly bytes: number }
  /** Sections that it has found something of; null in what older releases wrote where paths named none. */
  readonly sections: readonly string[] | null
  readonly loads: LoadedHistory
  /** What lay below its prefix and is of no source. */
  readonly notTaken: readonly ObjectsNotTaken[]
  readonly state: RunState
  readonly counts: RunCounts
  readonly startedAt: string
  readonly endedAt: string | null
  /** The request in canonical JSON: the same request finds its unfinished run again. */
  readonly request: string
  /** `xapi` offset of the `sealed` marker per partition; null before. */
  readonly sealed: readonly number[] | null
  /** Of the `xapi` topic that it was written to, as of objects; null in what older releases wrote. */
  readonly topicId: string | null
}

/** Topic `sources`, key `follow/<id>`: what is followed, and how far it is. */
export interface FollowRecord {
  /** The request in canonical JSON. */
  readonly request: string
  /** What was uploaded earlier is history: backfill's. ISO. */
  readonly since: string
  /** What was uploaded earlier is in the ledger, or was said to be unreadable. ISO, by the store's clock; null with a queue, which keeps count itself. */
  readonly through: string | null
  /** The newest upload that was read. */
  readonly newest: { readonly key: string; readonly uploaded: string } | null
  /** Objects that are found and not in the ledger yet. */
  readonly waiting: number
  /** When this was written, ISO. */
  readonly at: string
}

/**
 * What the records of one run say together, told in their order: sealed once is sealed for ever. A twin of the run that hung, and was given up
 * and given again, may wake up and still write that it has ended.
 */
export const runSoFar = (former: RunRecord | null | undefined, record: RunRecord): RunRecord =>
  former?.state === 'sealed' ? former : record

const runPrefix = 'run/'
const followPrefix = 'follow/'

export const objectKeyOf = (object: { readonly bucket: string; readonly key: string }) => `${object.bucket}/${object.key}`
export const runKeyOf = (run: string) => `${runPrefix}${run}`
export const followKeyOf = (follow: string) => `${followPrefix}${follow}`

/** Older releases wrote neither what a run loads, nor what it did not take, nor where to. */
type WrittenRun = Omit<RunRecord, 'loads' | 'notTaken' | 'topicId'> & Partial<RunRecord>
const decodeRun = (run: WrittenRun): RunRecord => ({
  ...run,
  loads: run.loads ?? historyOfOldRun(run),
  notTaken: run.notTaken ?? [],
  topicId: run.topicId ?? null,
})

/** False: it is about an \`xapi\` that is no more, so nothing of it is loaded in this one. */
export const isOfTopic = ({ topicId }: RunRecord, xapiId: string): boolean => topicId === null || topicId === xapiId

export type SourcesRecord =
  | { readonly is: 'run'; readonly id: string; readonly run: RunRecord }
  | { readonly is: 'object'; readonly id: string; readonly object: ObjectRecord }
  | { readonly is: 'follow'; readonly id: string; readonly follow: FollowRecord }

export function encodeSourcesValue(record: RunRecord | ObjectRecord | FollowRecord): Buffer {
  return Buffer.from(JSON.stringify(record))
}

/** The shape decides, not the key: a bucket may be named `run` or `follow`. */
export function decodeSourcesRecord(key: string, value: Buffer): SourcesRecord {
  const record = parseObject(value.toString('utf8'))
  if (record !== undefined && typeof record.etag === 'string') return { is: 'object', id: key, object: record as unknown as ObjectRecord }
  if (record !== undefined && typeof record.state === 'string' && key.startsWith(runPrefix))
    return { is: 'run', id: key.slice(runPrefix.length), run: decodeRun(record as unknown as WrittenRun) }
  if (record !== undefined && typeof record.since === 'string' && key.startsWith(followPrefix))
    return { is: 'follow', id: key.slice(followPrefix.length), follow: record as unknown as FollowRecord }
  throw new TypeError(`decoding sources: ${key} is neither an object nor a run nor a follow`)
}
