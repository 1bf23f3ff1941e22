import { crc32c } from '@node-rs/crc32'
import type { OutRecord } from '../log.js'
import { type ByteWriter, varintSize } from './byte-writer.js'
import { type Codec, codecBits, compress } from './codec.js'

/** Bytes of a record batch before its first record. */
export const batchOverhead = 61
const crcAt = 17
const attributesAt = 21

/** Who wrote a batch: with it the broker drops repeats and, when transactional, fences former owners. */
export interface BatchProducer {
  readonly id: number
  readonly epoch: number
  readonly transactional: boolean
}

export interface BatchRange {
  readonly records: readonly OutRecord[]
  readonly from: number
  readonly to: number
  /** Sequence number of the first record. */
  readonly sequence: number
}

/** Appends one RecordBatch v2. Timestamps are all one: topics use append time, so deltas would only cost bytes. */
export function encodeBatch(out: ByteWriter, range: BatchRange, producer: BatchProducer, codec: Codec, now: number): void {
  const start = out.offset
  const count = range.to - range.from
  out
    .i64(0)
    .i32(0) // length, patched below
    .i32(-1)
    .i8(2)
    .i32(0) // CRC, patched below
    .i16(codecBits[codec] | (producer.transactional ? 0x10 : 0))
    .i32(count - 1)
    .i64(now)
    .i64(now)
    .i64(producer.id)
    .i16(producer.epoch)
    .i32(range.sequence)
    .i32(count)
  const first = out.offset
  for (let i = range.from; i < range.to; i++) writeRecord(out, range.records[i]!, i - range.from)
  if (codec !== 'none') {
    const packed = compress(codec, out.buf.subarray(first, out.offset))
    out.offset = first
    out.raw(packed)
  }
  out.buf.writeInt32BE(out.offset - start - 12, start + 8)
  // Last: the CRC covers everything from the attributes to the end.
  out.buf.writeUInt32BE(crc32c(out.buf.subarray(start + attributesAt, out.offset)), start + crcAt)
}

function writeRecord(out: ByteWriter, record: OutRecord, offsetDelta: number): void {
  const body = bodySize(record, offsetDelta)
  out.varint(body).room(body)
  out.i8(0).i8(0).varint(offsetDelta)
  writeBytes(out, record.key)
  writeBytes(out, record.value)
  const headers = record.headers
  if (headers === undefined) {
    out.i8(0)
    return
  }
  out.varint(headers.length)
  for (const [name, value] of headers) {
    writeText(out, name)
    if (typeof value === 'string') writeText(out, value)
    else writeBytes(out, value)
  }
}

function writeBytes(out: ByteWriter, value: Buffer | null): void {
  if (value === null) out.varint(-1)
  else out.varint(value.length).raw(value)
}

function writeText(out: ByteWriter, value: string): void {
  out.varint(Buffer.byteLength(value))
  out.offset += out.buf.write(value, out.offset)
}

/** An upper bound of what a record adds to an uncompressed batch: batches are cut by it before they are encoded. */
export function recordSize(record: OutRecord): number {
  return bodySize(record, 0x7fff_ffff) + 5
}

function bodySize(record: OutRecord, offsetDelta: number): number {
  let size = 2 + varintSize(offsetDelta) + sized(record.key?.length ?? -1) + sized(record.value?.length ?? -1)
  const headers = record.headers
  if (headers === undefined) return size + 1
  size += varintSize(headers.length)
  for (const [name, value] of headers) {
    size += sized(Buffer.byteLength(name)) + sized(typeof value === 'string' ? Buffer.byteLength(value) : value.length)
  }
  return size
}

function sized(length: number): number {
  return varintSize(length) + Math.max(length, 0)
}
