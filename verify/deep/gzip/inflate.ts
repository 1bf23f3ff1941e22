import { Bits, damaged, starved } from './bits.js'
import { fixedCodes, type HuffmanCode, readCodes } from './huffman.js'

const lengthBase = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258]
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const reach = 32 << 10
const roomBytes = 256 << 10

/**
 * Deflate (RFC 1951) after the RFC, a piece at a time. Of damaged data the text is what the bytes before the damaged one say: what ends in
 * that byte is not given out. Memory: 256 KiB, and a piece of data at a time.
 */
export class Inflate {
  /** Bytes of data before those that `bits` has. */
  #passed = 0
  readonly #bits = new Bits()
  #text = Buffer.alloc(roomBytes)
  #length = 0
  /** In `#text`: up to where it was given out, and how much was there before anything that ends in byte `#byte` of the data. */
  #given = 0
  #sure = 0
  #byte = -1
  #final = false
  #block: 'none' | 'stored' | 'coded' = 'none'
  #stored = 0
  #codes: { readonly literals: HuffmanCode; readonly distances: HuffmanCode } = fixedCodes

  /** Nothing more comes: the text that waited for the rest of its last byte. */
  rest(): Buffer {
    return this.#give(this.#length)
  }

  /** Of the data so far: text, and then whether it has ended, is damaged, or wants more. `at` = bytes of data up to there. */
  *push(bytes: Buffer): Generator<Buffer, { readonly is: 'ended' | 'damaged' | 'starved'; readonly at: number }> {
    const bits = this.#bits
    const whole = bits.at >> 3
    this.#passed += whole
    bits.bytes = Buffer.concat([bits.bytes.subarray(whole), bytes])
    bits.at &= 7
    for (;;) {
      const before = bits.at
      try {
        if (this.#step()) {
          yield this.#give(this.#length)
          return { is: 'ended', at: this.#passed + ((bits.at + 7) >> 3) }
        }
      } catch (reason) {
        if (reason !== starved && reason !== damaged) throw reason
        const at = this.#passed + ((bits.at - 1) >> 3)
        if (reason === starved) bits.at = before
        // Nothing that comes can change what the bytes before the last one say.
        yield this.#give(reason === damaged && this.#byte < at ? this.#length : this.#sure)
        return { is: reason === damaged ? 'damaged' : 'starved', at }
      }
      if (this.#length > roomBytes - reach) {
        yield this.#give(this.#sure)
        this.#makeRoom()
      }
    }
  }

  /** One block head, or some text. True = the end of the data. Leaves everything as it was when it throws `starved`, but for the place. */
  #step(): boolean {
    if (this.#block === 'none') {
      if (this.#final) return true
      this.#openBlock()
    } else if (this.#block === 'stored') this.#copyStored()
    else this.#decode()
    return false
  }

  #openBlock(): void {
    const bits = this.#bits
    const final = bits.take(1) === 1
    const type = bits.take(2)
    if (type === 3) throw damaged
    if (type === 0) {
      bits.at = (bits.at + 7) & ~7
      const length = bits.take(16)
      if ((bits.take(16) ^ length) !== 0xffff) throw damaged
      this.#stored = length
    } else this.#codes = type === 1 ? fixedCodes : readCodes(bits)
    this.#final = final
    this.#block = type === 0 ? 'stored' : 'coded'
  }

  #copyStored(): void {
    const bits = this.#bits
    const from = bits.at >> 3
    const size = Math.min(this.#stored, bits.bytes.length - from, reach)
    if (size === 0 && this.#stored > 0) throw starved
    bits.bytes.copy(this.#text, this.#length, from, from + size)
    bits.at += size * 8
    this.#stored -= size
    if (this.#stored === 0) this.#block = 'none'
    this.#sure = this.#length + Math.max(0, size - 1)
    this.#length += size
    this.#byte = this.#passed + from + size - 1
  }

  #decode(): void {
    const bits = this.#bits
    const symbol = this.#codes.literals.next(bits)
    if (symbol === 256) {
      this.#block = 'none'
      return
    }
    if (symbol > 285) throw damaged
    const begun = this.#length
    if (symbol < 256) this.#text[this.#length++] = symbol
    else {
      const size = lengthBase[symbol - 257]! + bits.take(lengthBits[symbol - 257]!)
      const code = this.#codes.distances.next(bits)
      if (code > 29) throw damaged
      const extra = Math.max(0, (code >> 1) - 1)
      const distance = (code < 2 ? code : (2 + (code & 1)) << extra) + 1 + bits.take(extra)
      if (distance > begun) throw damaged
      for (let i = 0; i < size; i++) this.#text[begun + i] = this.#text[begun + i - distance]!
      this.#length += size
    }
    const byte = this.#passed + ((bits.at - 1) >> 3)
    if (byte !== this.#byte) {
      this.#byte = byte
      this.#sure = begun
    }
  }

  #give(upTo: number): Buffer {
    const text = Buffer.from(this.#text.subarray(this.#given, upTo))
    this.#given = Math.max(this.#given, upTo)
    return text
  }

  /** What is given out and out of reach goes. */
  #makeRoom(): void {
    const from = Math.min(this.#given, this.#length - reach)
    this.#text.copyWithin(0, from, this.#length)
    this.#length -= from
    this.#given -= from
    this.#sure -= from
  }
}
