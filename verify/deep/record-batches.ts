import { decompressed } from './decompress.js'

/** A record as it lies in the log. Key and value are views into the batch. */
export interface LogEntry {
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** The last of a name counts. */
  readonly headers: ReadonlyMap<string, string>
}

/** One batch of Kafka's format 2; its records are read only when they are asked for. */
export interface RecordBatch {
  readonly first: number
  readonly last: number
  readonly producer: string
  readonly transactional: boolean
  /** `commit` or `abort` of a transaction; null = data. */
  readonly control: 'commit' | 'abort' | null
  records(): LogEntry[]
}

const fixedHead = 61

/** Whole batches only: a fetch may end in the middle of one. */
export function recordBatches(bytes: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = []
  let at = 0
  while (at + fixedHead <= bytes.length) {
    const end = at + 12 + bytes.readInt32BE(at + 8)
    if (end > bytes.length) break
    batches.push(batchOf(bytes.subarray(at, end)))
    at = end
  }
  return batches
}

function batchOf(bytes: Buffer): RecordBatch {
  const magic = bytes[16]
  if (magic !== 2) throw new RangeError(`a batch of format ${magic}`)
  const first = Number(bytes.readBigInt64BE(0))
  const attributes = bytes.readInt16BE(21)
  const records = () => recordsOf(first, bytes.readInt32BE(57), decompressed(attributes & 7, bytes.subarray(fixedHead)))
  return {
    first,
    last: first + bytes.readInt32BE(23),
    producer: bytes.readBigInt64BE(43).toString(),
    transactional: (attributes & 0x10) !== 0,
    control: attributes & 0x20 ? controlOf(records()) : null,
    records,
  }
}

/** The key of a control record is version and kind; a batch that compaction has emptied ends nothing any more. */
function controlOf(records: readonly LogEntry[]): 'commit' | 'abort' {
  return records[0]?.key?.readInt16BE(2) === 0 ? 'abort' : 'commit'
}

function recordsOf(first: number, count: number, bytes: Buffer): LogEntry[] {
  const from = { bytes, at: 0 }
  return Array.from({ length: count }, () => recordOf(first, from))
}

interface Cursor {
  readonly bytes: Buffer
  at: number
}

function recordOf(first: number, from: Cursor): LogEntry {
  signed(from)
  from.at++
  signed(from)
  const offset = first + signed(from)
  const key = slice(from)
  const value = slice(from)
  const headers = new Map<string, string>()
  for (let left = signed(from); left > 0; left--) {
    const name = slice(from)?.toString() ?? ''
    headers.set(name, slice(from)?.toString() ?? '')
  }
  return { offset, key, value, headers }
}

function slice(from: Cursor): Buffer | null {
  const length = signed(from)
  if (length < 0) return null
  from.at += length
  return from.bytes.subarray(from.at - length, from.at)
}

/** Zigzag of up to 64 bits; by multiplication, as shifts end at 32. */
function signed(from: Cursor): number {
  let value = 0
  let scale = 1
  for (;;) {
    const byte = from.bytes[from.at++]
    if (byte === undefined) throw new RangeError('a record ends beyond its batch')
    value += (byte & 127) * scale
    if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    scale *= 128
  }
}
