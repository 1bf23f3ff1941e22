import { readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { controlType, walkBatches } from '../../runtime/kafka/record-batch-walker.js'
import type { TopicPartition } from '../../runtime/log.js'

/** The last record of a partition, if it is a marker. */
export interface LastMarker extends TopicPartition {
  readonly epoch: number
  readonly commit: boolean
}

const segment = '00000000000000000000.log'
const folderOf = (data: string, { topic, partition }: TopicPartition) => join(data, `${topic}-${partition}`)

/** Of a broker that does not run. */
export function lastMarker(data: string, { topic, partition }: TopicPartition): LastMarker | null {
  const bytes = readFileSync(join(folderOf(data, { topic, partition }), segment))
  const last = walkBatches(bytes, topic, partition).batches.at(-1)
  return last?.control === true ? { topic, partition, epoch: last.producerEpoch, commit: controlType(last) === 1 } : null
}

/**
 * As if the marker had never come: the transaction is decided, and open here. What a broker remembers of producers is made anew from the log
 * when it starts, because it was killed.
 */
export function cutMarker(data: string, marker: LastMarker): void {
  const folder = folderOf(data, marker)
  const bytes = readFileSync(join(folder, segment))
  const last = walkBatches(bytes, marker.topic, marker.partition).batches.at(-1)!
  // A marker's batch is its header of 61 bytes and one record.
  truncateSync(join(folder, segment), bytes.length - 61 - last.body.length)
  for (const file of readdirSync(folder)) if (file.endsWith('.snapshot')) rmSync(join(folder, file))
}
