import { partitionOf } from '../../schemas/partition.js'
import type { TopicId } from '../../schemas/topics.js'

/** Where a key's records are in topics whose partition is that of the key. All other topics have each task's records in its own partition. */
const keyed: ReadonlySet<TopicId> = new Set([
  'xapi',
  'events.attempt',
  'events.page-viewed',
  'events.video',
  'events.tutor-message',
  'events.other',
  'sources',
])

/** Null = in any partition. */
export function homeOfKey(id: TopicId, key: string, partitions: number): number | null {
  // Notes about a dataset, such as `swapped|attempts`, lie beside its spec.
  if (id === 'datasets') return partitionOf(Buffer.from(key.split('|')[1] ?? key), partitions)
  return keyed.has(id) ? partitionOf(Buffer.from(key), partitions) : null
}
