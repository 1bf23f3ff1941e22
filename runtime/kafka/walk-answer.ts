import { isTributaryError } from '../../schemas/errors.js'
import type { Fetched, FetchPosition, LogRecord } from '../log.js'
import { code } from './broker-errors.js'
import { committedFilter } from './committed-filter.js'
import type { PartitionAnswer } from './fetch-request.js'
import { recordsOf, walkBatches } from './record-batch-walker.js'
import { refused } from './request-errors.js'

export interface Walked extends Pick<Fetched, 'records' | 'next' | 'broken'> {
  /** Bytes to ask for instead, when the first batch is larger than what came. */
  readonly needed?: number | undefined
}

/**
 * The position goes by the batches' own last offsets, so what compaction, aborts or control records left is one step, also where a bound lies
 * in it. What lies before a damaged batch is given out: only who stands at it is told.
 */
export function walkAnswer(position: FetchPosition, answer: PartitionAnswer): Walked {
  const { topic, partition, offset, end = Number.POSITIVE_INFINITY } = position
  const nothing = { records: [], next: offset }
  if (answer.error !== code.none) return { ...nothing, broken: refused(`reading ${topic}/${partition}`, answer.error) }
  const { batches, needed, damage } = walkBatches(answer.bytes, topic, partition)
  const isCommitted = committedFilter(answer.aborted)
  const records: LogRecord[] = []
  let next = offset
  let broken = damage
  for (const batch of batches) {
    if (batch.base >= end) {
      // Whatever was before the bound was compacted away.
      next = end
      break
    }
    const committed = isCommitted(batch)
    if (batch.last < offset) continue
    if (committed) {
      const before = records.length
      try {
        recordsOf(batch, offset, end, records, topic, partition)
      } catch (error) {
        if (!isTributaryError(error, 'CORRUPT_BATCH')) throw error
        records.length = before
        broken = error
        break
      }
    }
    next = batch.last + 1
  }
  if (next === offset && broken !== undefined) return { ...nothing, broken }
  return { records, next: Math.min(next, end), needed }
}
