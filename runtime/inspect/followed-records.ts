import type { LogReader } from '../log.js'
import type { WriterSchemas } from '../registry/writer-schemas.js'
import { inTime } from './last-records.js'
import type { NamedTopic } from './resolve-topic.js'
import { type ShownRecord, showRecord } from './shown-record.js'

const limits = { maxWaitMs: 500, maxBytes: 1 << 20, maxBytesPerPartition: 64 * 1024 }

/** What is committed from now on, until the signal. `next`: per partition where to begin. */
export async function* followedRecords(
  reader: LogReader,
  topic: NamedTopic,
  next: Map<number, number>,
  schemas: WriterSchemas,
  signal: AbortSignal,
): AsyncGenerator<ShownRecord> {
  while (!signal.aborted) {
    const fetched = await reader.fetch(
      [...next].map(([partition, offset]) => ({ topic: topic.name, partition, offset })),
      limits,
    )
    const records: ShownRecord[] = []
    for (const { partition, records: found, next: reached, lost } of fetched) {
      for (const record of found) records.push(await showRecord(topic, partition, record, schemas))
      // A topic that was made anew, or what retention took before it was shown: it goes on with what there is.
      next.set(partition, lost ? lost.low : reached)
    }
    yield* records.sort(inTime)
  }
}
