import { TributaryError } from '../schemas/errors.js'
import type { LogReader, LogRecord } from './log.js'

export interface Range {
  readonly topic: string
  readonly partition: number
  readonly from: number
  /** Not included; at most the stable offset, else it would never be reached. */
  readonly to: number
}

/** The records of one fetch, and the offset behind them. */
interface Step {
  readonly records: readonly LogRecord[]
  readonly next: number
}

/** Fetches without any step forward after which reading counts as stuck. Every log can be walked: this is a fault, not a wait. */
export const stuckAfter = 50
const limits = { maxWaitMs: 0, maxBytes: 4 << 20, maxBytesPerPartition: 4 << 20 }

/**
 * Reads up to `to` and no further than the fetch that reaches it, or as far as it is asked to. Ends on every log: compacted, of control
 * records only, with empty batches.
 */
export async function* walkRange(reader: LogReader, { topic, partition, from, to }: Range): AsyncGenerator<Step> {
  let offset = from
  let idle = 0
  while (offset < to) {
    const [fetched] = await reader.fetch([{ topic, partition, offset }], limits)
    if (fetched!.broken) throw fetched!.broken
    // What retention or compaction took before the range was read is gone for everybody; what is left begins at `low`.
    const next = fetched!.lost ? Math.max(offset, fetched!.lost.low) : fetched!.next
    yield { records: fetched!.records, next }
    idle = next > offset ? 0 : idle + 1
    if (idle >= stuckAfter)
      throw new TributaryError('READ_STUCK', `reading ${topic}/${partition} from ${from} to ${to}: no step beyond ${offset}`)
    offset = next
  }
}

/** The same, all of it. */
export async function readRange(
  reader: LogReader,
  range: Range,
  onRecords: (records: readonly LogRecord[], next: number) => Promise<void> | void,
): Promise<void> {
  for await (const { records, next } of walkRange(reader, range)) await onRecords(records, next)
}
