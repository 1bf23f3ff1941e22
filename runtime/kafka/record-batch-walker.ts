import { crc32c } from '@node-rs/crc32'
import { TributaryError } from '../../schemas/errors.js'
import type { LogRecord } from '../log.js'
import { ByteReader, readI64 } from './byte-reader.js'
import { decompress } from './codec.js'
import { RecordView } from './record-view.js'

/** The header of one record batch; its records are read by `recordsOf`, and only if they are wanted. */
export interface Batch {
  readonly base: number
  /** Offset of the last record the batch was written with: it stays after compaction removed records. */
  readonly last: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly transactional: boolean
  readonly control: boolean
  readonly count: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly appendTime: boolean
  readonly codec: number
  /** Records section: compressed when `codec` says so. */
  readonly body: Buffer
}

export interface Walk {
  readonly batches: readonly Batch[]
  /** Bytes that the first batch needs, when not even that one was complete. */
  readonly needed: number | undefined
  /** Why the bytes behind the batches cannot be read. */
  readonly damage: TributaryError | undefined
}

/**
 * Reads the batch headers of one partition's fetched bytes and checks each CRC. The broker cuts by bytes, so what is
 * incomplete at the end is no damage: it comes with the next fetch.
 */
export function walkBatches(bytes: Buffer, topic: string, partition: number): Walk {
  const batches: Batch[] = []
  let at = 0
  while (at + 17 <= bytes.length) {
    const base = readI64(bytes, at)
    const end = at + 12 + bytes.readInt32BE(at + 8)
    if (end > bytes.length) return { batches, needed: at === 0 ? end : undefined, damage: undefined }
    const why = damageOf(bytes.subarray(at, end))
    if (why !== undefined) {
      const damage = new TributaryError('CORRUPT_BATCH', `reading ${topic}/${partition} at offset ${base}: ${why}`)
      return { batches, needed: undefined, damage }
    }
    const attributes = bytes.readInt16BE(at + 21)
    batches.push({
      base,
      last: base + bytes.readInt32BE(at + 23),
      baseTimestamp: readI64(bytes, at + 27),
      maxTimestamp: readI64(bytes, at + 35),
      producerId: readI64(bytes, at + 43),
      producerEpoch: bytes.readInt16BE(at + 51),
      count: bytes.readInt32BE(at + 57),
      codec: attributes & 0x07,
      appendTime: (attributes & 0x08) !== 0,
      transactional: (attributes & 0x10) !== 0,
      control: (attributes & 0x20) !== 0,
      body: bytes.subarray(at + 61, end),
    })
    at = end
  }
  // Cut within the first header: its length cannot be told yet.
  return { batches, needed: at === 0 && bytes.length > 0 ? 64 * 1024 : undefined, damage: undefined }
}

function damageOf(batch: Buffer): string | undefined {
  const magic = batch[16]
  if (magic !== 2) return `record format ${magic}`
  if (batch.length < 61) return 'shorter than its header'
  return crc32c(batch.subarray(21)) === batch.readUInt32BE(17) ? undefined : 'its CRC does not fit'
}

/**
 * Appends the records of a batch with `from <= offset < end` to `into`.
 * @throws {TributaryError} CORRUPT_BATCH
 */
export function recordsOf(batch: Batch, from: number, end: number, into: LogRecord[], topic: string, partition: number): void {
  const reader = new ByteReader(plainBody(batch, topic, partition))
  try {
    for (let i = 0; i < batch.count; i++) {
      const length = reader.varint()
      const next = reader.offset + length
      reader.offset++ // attributes: unused by Kafka
      const time = batch.baseTimestamp + reader.varlong()
      const offset = batch.base + reader.varint()
      if (offset >= end) return
      if (offset >= from) {
        const key = nullable(reader)
        const value = nullable(reader)
        into.push(new RecordView(reader.buffer, reader.offset, offset, batch.appendTime ? batch.maxTimestamp : time, key, value))
      }
      reader.offset = next
    }
  } catch (cause) {
    throw new TributaryError('CORRUPT_BATCH', `reading records of ${topic}/${partition} from offset ${batch.base}`, { cause })
  }
}

/** The type of a control batch's record: 0 aborts, 1 commits the transaction of its producer; others are not ours. */
export function controlType(batch: Batch): number | undefined {
  if (batch.count === 0) return undefined
  const reader = new ByteReader(batch.body)
  reader.varint()
  reader.offset++
  reader.varlong()
  reader.varint()
  const key = nullable(reader)
  return key === null || key.length < 4 ? undefined : key.readInt16BE(2)
}

function nullable(reader: ByteReader): Buffer | null {
  const length = reader.varint()
  return length < 0 ? null : reader.take(length)
}

function plainBody(batch: Batch, topic: string, partition: number): Buffer {
  let plain: Buffer | undefined
  try {
    plain = decompress(batch.codec, batch.body)
  } catch (cause) {
    throw new TributaryError('CORRUPT_BATCH', `unpacking ${topic}/${partition} at offset ${batch.base}`, { cause })
  }
  if (plain === undefined)
    throw new TributaryError('CORRUPT_BATCH', `reading ${topic}/${partition} at offset ${batch.base}: codec ${batch.codec}`)
  return plain
}
