/** Reads Kafka's primitive types from a Buffer; 64-bit values become plain numbers (exact to 2^53). */
export class ByteReader {
  readonly buffer: Buffer
  offset: number

  constructor(buffer: Buffer, offset = 0) {
    this.buffer = buffer
    this.offset = offset
  }

  i8(): number {
    return this.buffer.readInt8(this.offset++)
  }

  i16(): number {
    const value = this.buffer.readInt16BE(this.offset)
    this.offset += 2
    return value
  }

  i32(): number {
    const value = this.buffer.readInt32BE(this.offset)
    this.offset += 4
    return value
  }

  i64(): number {
    const value = readI64(this.buffer, this.offset)
    this.offset += 8
    return value
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.buffer[this.offset++]
      if (byte === undefined) throw new RangeError('varint beyond the end of the buffer')
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new RangeError('varint longer than 5 bytes')
  }

  varint(): number {
    const zigzag = this.uvarint()
    return (zigzag >>> 1) ^ -(zigzag & 1)
  }

  /** A zigzag varint of up to 64 bits. Only timestamps of foreign writers need more than 32. */
  varlong(): number {
    let low = 0
    let scale = 1
    for (let bytes = 0; bytes < 10; bytes++) {
      const byte = this.buffer[this.offset++]
      if (byte === undefined) throw new RangeError('varlong beyond the end of the buffer')
      low += (byte & 0x7f) * scale
      if (byte < 0x80) return low % 2 === 0 ? low / 2 : -(low + 1) / 2
      scale *= 128
    }
    throw new RangeError('varlong longer than 10 bytes')
  }

  take(length: number): Buffer {
    const end = this.offset + length
    if (length < 0 || end > this.buffer.length) throw new RangeError(`${length} bytes asked beyond the end of the buffer`)
    const view = this.buffer.subarray(this.offset, end)
    this.offset = end
    return view
  }

  bytes(): Buffer | null {
    const length = this.i32()
    return length < 0 ? null : this.take(length)
  }

  string(): string | null {
    const length = this.i16()
    return length < 0 ? null : this.take(length).toString('utf8')
  }

  compactString(): string | null {
    const length = this.uvarint()
    return length === 0 ? null : this.take(length - 1).toString('utf8')
  }

  uuid(): string {
    return this.take(16).toString('base64url')
  }

  /** A null array reads as an empty one. */
  array<T>(each: () => T): T[] {
    return this.times(this.i32(), each)
  }

  compactArray<T>(each: () => T): T[] {
    return this.times(this.uvarint() - 1, each)
  }

  tags(): void {
    this.tagged(() => undefined)
  }

  /** Hands over each tagged field's bytes by its tag. */
  tagged(each: (tag: number, field: ByteReader) => void): void {
    const count = this.uvarint()
    for (let i = 0; i < count; i++) {
      const tag = this.uvarint()
      each(tag, new ByteReader(this.take(this.uvarint())))
    }
  }

  private times<T>(count: number, each: () => T): T[] {
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(each())
    return items
  }
}

export function readI64(buffer: Buffer, offset: number): number {
  return buffer.readInt32BE(offset) * 0x1_0000_0000 + buffer.readUInt32BE(offset + 4)
}
