import { type Bits, damaged } from './bits.js'

/** A code by the lengths of its words (RFC 1951, 3.2.2). A bit string that is none of them is damage. */
export class HuffmanCode {
  /** Every bit string is a word. */
  readonly complete: boolean
  /** No word is longer than one bit: such a code need not be complete. */
  readonly short: boolean
  readonly #longest: number
  /** By the next bits, the first one lowest: symbol * 16 + length; -1 = no word. */
  readonly #table: Int32Array

  constructor(lengths: readonly number[]) {
    const counts = new Array<number>(16).fill(0)
    for (const length of lengths) if (length > 0) counts[length]!++
    let left = 1
    for (const count of counts.slice(1)) {
      left = left * 2 - count
      if (left < 0) throw damaged
    }
    this.complete = left === 0
    this.#longest = Math.max(
      1,
      counts.findLastIndex(count => count > 0),
    )
    this.short = this.#longest === 1
    this.#table = new Int32Array(1 << this.#longest).fill(-1)
    let code = 0
    for (let length = 1; length <= this.#longest; length++, code <<= 1)
      for (const [symbol, own] of lengths.entries()) if (own === length) this.#enter(code++, length, symbol)
  }

  #enter(code: number, length: number, symbol: number): void {
    let word = 0
    for (let bit = 0; bit < length; bit++) word |= ((code >> bit) & 1) << (length - 1 - bit)
    for (let at = word; at < this.#table.length; at += 1 << length) this.#table[at] = symbol * 16 + length
  }

  next(bits: Bits): number {
    const entry = this.#table[bits.window & (this.#table.length - 1)]!
    bits.take(entry < 0 ? this.#longest : entry & 15)
    if (entry < 0) throw damaged
    return entry >> 4
  }
}

const fixedLengths = Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8))
export const fixedCodes = { literals: new HuffmanCode(fixedLengths), distances: new HuffmanCode(new Array<number>(32).fill(5)) }

const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** The head of a block that brings its own codes. */
export function readCodes(bits: Bits): typeof fixedCodes {
  const [literals, distances, words] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4]
  if (literals > 286 || distances > 30) throw damaged
  const own = new Array<number>(19).fill(0)
  for (const symbol of order.slice(0, words)) own[symbol] = bits.take(3)
  const code = new HuffmanCode(own)
  // Without any word every length is 0, which shows only behind the last of them.
  if (own.every(length => length === 0)) for (let i = 0; i < literals + distances; i++) bits.take(1)
  if (!code.complete) throw damaged
  const lengths: number[] = []
  while (lengths.length < literals + distances) {
    const symbol = code.next(bits)
    if (symbol < 16) lengths.push(symbol)
    else {
      const [value, times] = symbol === 16 ? [lengths.at(-1), 3 + bits.take(2)] : [0, symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7)]
      if (value === undefined || lengths.length + times > literals + distances) throw damaged
      lengths.push(...new Array<number>(times).fill(value))
    }
  }
  if (lengths[256] === 0) throw damaged
  const codes = { literals: new HuffmanCode(lengths.slice(0, literals)), distances: new HuffmanCode(lengths.slice(literals)) }
  for (const each of Object.values(codes)) if (!each.complete && !each.short) throw damaged
  return codes
}
