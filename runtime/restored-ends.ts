import { TributaryError } from '../schemas/errors.js'
import type { Appended } from './log.js'

/** Up to where a task has read the partitions that it alone writes, by topic. What was proven is taken out. */
export type RestoredEnds = Map<string, number>

/**
 * The first record that a task appends to a partition of its own must come to where its restore ended: nobody else can have written since
 * the claim. If not, the restore was short: a broker that does not know yet that it leads no more (it slept, or is cut off from the others)
 * told an end of long ago. Called before the commit, it costs nothing, and the task starts over.
 */
export function proveRestored(ends: RestoredEnds, appended: readonly Appended[]): void {
  if (ends.size === 0) return
  for (const { topic, partition, first } of appended) {
    const end = ends.get(topic)
    if (end === undefined) continue
    if (first !== end) throw new TributaryError('RESTORE_SHORT', `${topic}/${partition}: read up to ${end}, appended at ${first}`)
    ends.delete(topic)
  }
}
