import { TributaryError } from '../../schemas/errors.js'
import type { LogReader } from '../log.js'
import type { WriterSchemas } from '../registry/writer-schemas.js'
import { inTime } from './last-records.js'
import type { RecordSpan } from './record-spans.js'
import type { NamedTopic } from './resolve-topic.js'
import { type ShownRecord, showRecord } from './shown-record.js'

interface Cursor {
  readonly partition: number
  readonly to: number
  offset: number
  queue: ShownRecord[]
  idle: number
}

const limits = { maxWaitMs: 0, maxBytes: 1 << 20, maxBytesPerPartition: 64 * 1024 }
const stuckAfter = 50

/** All records of the spans in the order in which they were appended. Memory: one small fetch of each partition, decoded. */
export async function* mergedRecords(
  reader: LogReader,
  topic: NamedTopic,
  spans: readonly RecordSpan[],
  schemas: WriterSchemas,
): AsyncGenerator<ShownRecord> {
  let cursors: Cursor[] = spans.map(({ partition, from, to }) => ({ partition, to, offset: from, queue: [], idle: 0 }))
  for (;;) {
    for (let empty = hungry(cursors); empty.length > 0; empty = hungry(cursors)) await feed(reader, topic, empty, schemas)
    cursors = cursors.filter(cursor => cursor.queue.length > 0)
    if (cursors.length === 0) return
    const first = cursors.reduce((a, b) => (inTime(a.queue[0]!, b.queue[0]!) <= 0 ? a : b))
    yield first.queue.shift()!
  }
}

/** Nobody knows which record is next while a partition has none to show and is not at its end. */
const hungry = (cursors: readonly Cursor[]) => cursors.filter(cursor => cursor.queue.length === 0 && cursor.offset < cursor.to)

async function feed(reader: LogReader, topic: NamedTopic, cursors: readonly Cursor[], schemas: WriterSchemas): Promise<void> {
  const fetched = await reader.fetch(
    cursors.map(({ partition, offset, to }) => ({ topic: topic.name, partition, offset, end: to })),
    limits,
  )
  for (const [i, { records, next, lost }] of fetched.entries()) {
    const cursor = cursors[i]!
    for (const record of records) cursor.queue.push(await showRecord(topic, cursor.partition, record, schemas))
    const reached = lost ? Math.max(cursor.offset, lost.low) : next
    cursor.idle = reached > cursor.offset ? 0 : cursor.idle + 1
    if (cursor.idle >= stuckAfter)
      throw new TributaryError('READ_STUCK', `reading ${topic.name}/${cursor.partition} to ${cursor.to}: no step beyond ${cursor.offset}`)
    cursor.offset = reached
  }
}
