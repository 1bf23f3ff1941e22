import type { OutRecord } from '../log.js'
import { batchOverhead, recordSize } from './record-batch-encoder.js'

/** A batch to be: the records before `to`, from the end of the one before. */
export interface CutBatch {
  readonly to: number
  /** Upper bound of its bytes. */
  readonly bytes: number
}

/** Where to cut `records` so that no batch exceeds `maxBytes`; a single larger record goes alone. */
export function cutBatches(records: readonly OutRecord[], maxBytes: number): CutBatch[] {
  const batches: CutBatch[] = []
  let size = batchOverhead
  for (let i = 0; i < records.length; i++) {
    const bytes = recordSize(records[i]!)
    if (size + bytes > maxBytes && size > batchOverhead) {
      batches.push({ to: i, bytes: size })
      size = batchOverhead
    }
    size += bytes
  }
  if (records.length > 0) batches.push({ to: records.length, bytes: size })
  return batches
}
