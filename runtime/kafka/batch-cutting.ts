import type { OutRecord } from '../log.js'
import { batchOverhead, recordSize } from './record-batch-encoder.js'

/** Where to cut `records` so that no batch exceeds `maxBytes`; a single larger record goes alone. Returns the end of each batch. */
export function cutBatches(records: readonly OutRecord[], maxBytes: number): number[] {
  const ends: number[] = []
  let size = batchOverhead
  for (let i = 0; i < records.length; i++) {
    const bytes = recordSize(records[i]!)
    if (size + bytes > maxBytes && size > batchOverhead) {
      ends.push(i)
      size = batchOverhead
    }
    size += bytes
  }
  if (records.length > 0) ends.push(records.length)
  return ends
}
