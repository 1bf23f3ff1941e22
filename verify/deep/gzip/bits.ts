/** More bytes are needed. */
export const starved = Symbol('more bytes are needed')
/** The bits cannot be deflate data. */
export const damaged = Symbol('no deflate data')

/** Bits of a byte from the lowest on. */
export class Bits {
  bytes: Buffer = Buffer.alloc(0)
  /** Of the next bit. */
  at = 0

  /** The next bits, at least 16 of them; what is not there counts as zeros. */
  get window(): number {
    const byte = this.at >> 3
    return ((this.bytes[byte] ?? 0) | ((this.bytes[byte + 1] ?? 0) << 8) | ((this.bytes[byte + 2] ?? 0) << 16)) >> (this.at & 7)
  }

  /** Up to 16. Throws `starved` when they are not all there. */
  take(count: number): number {
    if (this.at + count > this.bytes.length * 8) throw starved
    const value = this.window & ((1 << count) - 1)
    this.at += count
    return value
  }
}
