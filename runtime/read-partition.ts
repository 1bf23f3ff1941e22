import type { Log, LogRecord } from './log.js'
import { readRange } from './read-range.js'

/** Reads one partition from its beginning to the stable offset of now, which it resolves with. */
export async function readPartition(
  log: Log,
  topic: string,
  partition: number,
  onRecord: (record: LogRecord) => Promise<void> | void,
): Promise<number> {
  const { low, stable } = (await log.watermarks(topic, [partition])).get(partition)!
  const reader = log.reader()
  try {
    await readRange(reader, { topic, partition, from: low, to: stable }, async records => {
      for (const record of records) {
        const waits = onRecord(record)
        if (waits) await waits
      }
    })
    return stable
  } finally {
    await reader.close()
  }
}
