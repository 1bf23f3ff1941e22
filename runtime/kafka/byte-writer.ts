/**
 * Writes Kafka's primitive types into one growing Buffer. Numbers only: 64-bit values are exact to 2^53, and no BigInt
 * is made on the produce path.
 */
export class ByteWriter {
  /** Public under these two names because kafkajs copies `buf` up to `offset` when it is given as an encoder. */
  buf: Buffer
  offset = 0

  constructor(size = 1024) {
    this.buf = Buffer.allocUnsafe(size)
  }

  get buffer(): Buffer {
    return this.buf.subarray(0, this.offset)
  }

  /** Makes room for `length` more bytes. Call it before keeping `buf` in a local: growing replaces it. */
  room(length: number): void {
    const needed = this.offset + length
    if (needed <= this.buf.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buf.length * 2))
    this.buf.copy(grown, 0, 0, this.offset)
    this.buf = grown
  }

  i8(value: number): this {
    this.room(1)
    this.buf[this.offset++] = value & 0xff
    return this
  }

  i16(value: number): this {
    this.room(2)
    this.offset = this.buf.writeInt16BE(value, this.offset)
    return this
  }

  i32(value: number): this {
    this.room(4)
    this.offset = this.buf.writeInt32BE(value, this.offset)
    return this
  }

  i64(value: number): this {
    this.room(8)
    const high = Math.floor(value / 0x1_0000_0000)
    this.offset = this.buf.writeInt32BE(high, this.offset)
    this.offset = this.buf.writeUInt32BE(value - high * 0x1_0000_0000, this.offset)
    return this
  }

  uvarint(value: number): this {
    this.room(5)
    value >>>= 0
    while (value > 0x7f) {
      this.buf[this.offset++] = (value & 0x7f) | 0x80
      value >>>= 7
    }
    this.buf[this.offset++] = value
    return this
  }

  /** Zigzag, 32 bits. */
  varint(value: number): this {
    return this.uvarint((value << 1) ^ (value >> 31))
  }

  raw(bytes: Uint8Array): this {
    this.room(bytes.length)
    this.buf.set(bytes, this.offset)
    this.offset += bytes.length
    return this
  }

  bytes(value: Uint8Array): this {
    return this.i32(value.length).raw(value)
  }

  string(value: string | null): this {
    if (value === null) return this.i16(-1)
    const length = Buffer.byteLength(value)
    this.i16(length).room(length)
    this.offset += this.buf.write(value, this.offset)
    return this
  }

  compactString(value: string | null): this {
    if (value === null) return this.uvarint(0)
    const length = Buffer.byteLength(value)
    this.uvarint(length + 1).room(length)
    this.offset += this.buf.write(value, this.offset)
    return this
  }

  array<T>(items: readonly T[], each: (item: T) => void): this {
    this.i32(items.length)
    for (const item of items) each(item)
    return this
  }

  compactArray<T>(items: readonly T[], each: (item: T) => void): this {
    this.uvarint(items.length + 1)
    for (const item of items) each(item)
    return this
  }

  /** The end of every flexible structure: no tagged fields. */
  tags(): this {
    return this.i8(0)
  }
}

/** Bytes of a zigzag varint of `value`. */
export function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  if (zigzag < 0x80) return 1
  if (zigzag < 0x4000) return 2
  if (zigzag < 0x20_0000) return 3
  return zigzag < 0x1000_0000 ? 4 : 5
}
