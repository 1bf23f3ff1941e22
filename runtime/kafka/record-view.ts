import type { LogRecord, RecordHeader } from '../log.js'
import { ByteReader } from './byte-reader.js'

/** A record as it lies in a fetched batch. Headers are read when asked for: most loops look at one of them, or none. */
export class RecordView implements LogRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly #batch: Buffer
  readonly #headersAt: number
  #headers: readonly RecordHeader[] | undefined

  constructor(batch: Buffer, headersAt: number, offset: number, timestamp: number, key: Buffer | null, value: Buffer | null) {
    this.#batch = batch
    this.#headersAt = headersAt
    this.offset = offset
    this.timestamp = timestamp
    this.key = key
    this.value = value
  }

  get headers(): readonly RecordHeader[] {
    this.#headers ??= readHeaders(new ByteReader(this.#batch, this.#headersAt))
    return this.#headers
  }
}

const empty = Buffer.alloc(0)

function readHeaders(reader: ByteReader): readonly RecordHeader[] {
  const count = reader.varint()
  const headers: RecordHeader[] = []
  for (let i = 0; i < count; i++) {
    const name = reader.take(reader.varint()).toString('utf8')
    const length = reader.varint()
    headers.push([name, length < 0 ? empty : reader.take(length)])
  }
  return headers
}
