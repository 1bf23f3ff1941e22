import type { LogReader, LogRecord } from './log.js'

const limits = { maxWaitMs: 0, maxBytes: 64 * 1024, maxBytesPerPartition: 64 * 1024 }

/** The committed record at this offset; null = there is none (any more). */
export async function readRecord(reader: LogReader, topic: string, partition: number, offset: number): Promise<LogRecord | null> {
  const [fetched] = await reader.fetch([{ topic, partition, offset, end: offset + 1 }], limits)
  return fetched!.records.find(record => record.offset === offset) ?? null
}
