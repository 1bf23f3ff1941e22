/** Stored bytes in order, at the pace of who reads them, with their place. */
export class StoredReader {
  /** Of the next byte. */
  at: number
  readonly #chunks: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Buffer>, at: number) {
    this.#chunks = chunks[Symbol.asyncIterator]()
    this.at = at
  }

  /** Some of what comes next, at most so many bytes; null = the end. They are still to be read until `used` says otherwise. */
  async some(most: number): Promise<Buffer | null> {
    while (this.#held.length === 0) {
      const { done, value } = await this.#chunks.next()
      if (done === true) return null
      this.#held = value
    }
    return this.#held.subarray(0, most)
  }

  used(bytes: number): void {
    this.#held = this.#held.subarray(bytes)
    this.at += bytes
  }

  async byte(): Promise<number | null> {
    const next = await this.some(1)
    if (next === null) return null
    this.used(1)
    return next[0]!
  }

  /** Null = they end before. */
  async bytes(count: number): Promise<Buffer | null> {
    const taken = Buffer.alloc(count)
    for (let i = 0; i < count; i++) {
      const next = await this.byte()
      if (next === null) return null
      taken[i] = next
    }
    return taken
  }

  /** Passes over zero bytes. False = nothing else comes. */
  async pastZeros(): Promise<boolean> {
    for (let next = await this.some(64 << 10); next !== null; next = await this.some(64 << 10)) {
      const zeros = next.findIndex(byte => byte !== 0)
      this.used(zeros < 0 ? next.length : zeros)
      if (zeros >= 0) return true
    }
    return false
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}
