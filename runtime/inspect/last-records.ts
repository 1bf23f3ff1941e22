import type { LogReader } from '../log.js'
import { readRange } from '../read-range.js'
import type { WriterSchemas } from '../registry/writer-schemas.js'
import type { RecordSpan } from './record-spans.js'
import type { NamedTopic } from './resolve-topic.js'
import { type ShownRecord, showRecord } from './shown-record.js'

const firstBlock = 64

/** The last `most` wanted records of some spans by append time. Memory: twice as many records, and one fetch. */
export async function lastRecords(
  reader: LogReader,
  topic: NamedTopic,
  spans: readonly RecordSpan[],
  wanted: { readonly most: number; matches(record: ShownRecord): boolean },
  schemas: WriterSchemas,
  onRead: (records: number) => void,
): Promise<readonly ShownRecord[]> {
  let last: ShownRecord[] = []
  for (const span of spans) {
    let found: ShownRecord[] = []
    // Backwards in growing blocks: of a long log only the end is read, as far as there is enough in it.
    for (let to = span.to, size = Math.max(firstBlock, wanted.most * 2); to > span.from && found.length < wanted.most; size *= 4) {
      const from = Math.max(span.from, to - size)
      const block: ShownRecord[] = []
      await readRange(reader, { topic: topic.name, partition: span.partition, from, to }, async records => {
        for (const record of records) {
          if (record.offset < from || record.offset >= to) continue
          const shown = await showRecord(topic, span.partition, record, schemas)
          if (wanted.matches(shown) && block.push(shown) > wanted.most) block.shift()
        }
        onRead(records.length)
      })
      found = [...block, ...found].slice(-wanted.most)
      to = from
    }
    last = [...last, ...found].sort(inTime).slice(-wanted.most)
  }
  return last
}

/** As they were appended; within a partition by offset. */
export const inTime = (a: ShownRecord, b: ShownRecord) => a.timestamp - b.timestamp || a.partition - b.partition || a.offset - b.offset
