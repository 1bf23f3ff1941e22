import type { LogReader, LogRecord, Watermarks } from './log.js'
import { readRange } from './read-range.js'

/** What the last record says that says anything, found by stepping back from the end of a partition. */
export async function lastRecord<T>(
  reader: LogReader,
  topic: string,
  partition: number,
  { low, stable }: Watermarks,
  read: (record: LogRecord) => T | undefined,
): Promise<T | undefined> {
  // A transaction leaves its records and a commit marker; aborted ones may lie in between.
  for (let back = 4; ; back *= 4) {
    const from = Math.max(low, stable - back)
    let found: T | undefined
    await readRange(reader, { topic, partition, from, to: stable }, records => {
      for (const record of records) found = read(record) ?? found
    })
    if (found !== undefined || from <= low) return found
  }
}
