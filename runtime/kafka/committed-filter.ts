import { type Batch, controlType } from './record-batch-walker.js'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/**
 * Says of each batch, in offset order, whether its records are committed. `aborted` is what the broker lists for the
 * fetched range, in completion order: it must be sorted by first offset, and several transactions can be open at one
 * offset (kafkajs activates one per message and so leaks records). A producer leaves the set at its abort marker, told
 * by the control flag of the batch: a user record may look like a marker.
 */
export function committedFilter(aborted: readonly AbortedTransaction[]): (batch: Batch) => boolean {
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const open = new Set<number>()
  let next = 0
  return batch => {
    while (next < waiting.length && waiting[next]!.firstOffset <= batch.last) open.add(waiting[next++]!.producerId)
    if (!batch.control) return !(batch.transactional && open.has(batch.producerId))
    if (controlType(batch) === 0) open.delete(batch.producerId)
    return false
  }
}
