/**
 * 16-byte ids, each with a number that is not NaN. Open addressing in two typed arrays, at most three quarters full: 32 to 64 bytes an id
 * (32 to 64 MB per million; while it doubles, half as much more). A `Map` of texts would take four times as much.
 */
export class IdTable {
  size = 0
  #words: Uint32Array
  #values: Float64Array

  constructor(capacity = 1024) {
    this.#words = new Uint32Array(capacity * 4)
    this.#values = new Float64Array(capacity).fill(Number.NaN)
  }

  get(id: Uint8Array): number | undefined {
    const value = this.#values[this.#slot(wordsOf(id))]!
    return Number.isNaN(value) ? undefined : value
  }

  set(id: Uint8Array, value: number): void {
    this.#put(wordsOf(id), value)
  }

  *entries(): Generator<readonly [id: string, value: number]> {
    for (let slot = 0; slot < this.#values.length; slot++) {
      const value = this.#values[slot]!
      if (!Number.isNaN(value)) yield [hexOf(this.#words.subarray(slot * 4, slot * 4 + 4)), value]
    }
  }

  #put(words: Uint32Array, value: number): void {
    let slot = this.#slot(words)
    if (Number.isNaN(this.#values[slot]!)) {
      if ((this.size + 1) * 4 > this.#values.length * 3) {
        this.#grow()
        slot = this.#slot(words)
      }
      this.#words.set(words, slot * 4)
      this.size++
    }
    this.#values[slot] = value
  }

  /** Where the id is, or the free place where it belongs. Ids are hashes: their first word is as good as any other. */
  #slot(words: Uint32Array): number {
    const mask = this.#values.length - 1
    for (let slot = words[0]! & mask; ; slot = (slot + 1) & mask) {
      if (Number.isNaN(this.#values[slot]!)) return slot
      const at = slot * 4
      if (
        this.#words[at] === words[0] &&
        this.#words[at + 1] === words[1] &&
        this.#words[at + 2] === words[2] &&
        this.#words[at + 3] === words[3]
      )
        return slot
    }
  }

  #grow(): void {
    const [words, values] = [this.#words, this.#values]
    this.#words = new Uint32Array(words.length * 2)
    this.#values = new Float64Array(values.length * 2).fill(Number.NaN)
    this.size = 0
    for (const [slot, value] of values.entries()) if (!Number.isNaN(value)) this.#put(words.subarray(slot * 4, slot * 4 + 4), value)
  }
}

function wordsOf(id: Uint8Array): Uint32Array {
  if (id.length !== 16) throw new RangeError(`an id of ${id.length} bytes`)
  const words = new Uint32Array(4)
  new Uint8Array(words.buffer).set(id)
  return words
}

/** The bytes as they came: words are read and written in the machine's own order. */
function hexOf(words: Uint32Array): string {
  return Buffer.from(words.buffer, words.byteOffset, 16).toString('hex')
}
