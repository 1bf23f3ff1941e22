/**
 * How large packed bytes become, from their frames alone: decoders that cannot be given a limit are asked only when it is kept.
 * What is no frame is left to the decoder, which refuses it.
 */

const lz4Magic = 0x184d2204
const zstdMagic = 0xfd2fb528
/** Of both formats; 16 of them, and the length of what is to be passed over comes behind. */
const skippedMagic = 0x184d2a50

interface Lz4Block {
  /** Up to `end`; `packed` false = the bytes themselves. */
  readonly from: number
  readonly end: number
  readonly packed: boolean
  /** No block of the frame becomes larger. */
  readonly most: number
}

/** True when the blocks become more bytes than `limit`, or a frame says that it does. */
export function lz4Exceeds(bytes: Buffer, limit: number): boolean {
  let [declared, bound] = [0, 0]
  const blocks: Lz4Block[] = []
  for (let at = 0; at + 7 <= bytes.length; ) {
    const magic = bytes.readUInt32LE(at)
    if (isSkipped(magic)) {
      at += 8 + bytes.readUInt32LE(at + 4)
      continue
    }
    if (magic !== lz4Magic) break
    const [flags, sizes] = [bytes[at + 4]!, bytes[at + 5]!]
    const [hasSize, hasDictionary, blockSums, contentSum] = [flags & 8, flags & 1, flags & 16, flags & 4]
    if (hasSize && at + 14 <= bytes.length) declared += Number(bytes.readBigUInt64LE(at + 6))
    const most = 1 << (8 + 2 * ((sizes >> 4) & 7))
    at += 7 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0)
    while (at + 4 <= bytes.length) {
      const head = bytes.readUInt32LE(at)
      at += 4
      if (head === 0) break
      const [length, packed] = [head & 0x7fffffff, head < 0x80000000]
      blocks.push({ from: at, end: Math.min(at + length, bytes.length), packed, most })
      bound += packed ? most : length
      at += length + (blockSums ? 4 : 0)
    }
    if (contentSum) at += 4
  }
  if (declared > limit) return true
  if (bound <= limit) return false
  let size = 0
  for (const { from, end, packed } of blocks) {
    size += packed ? lz4BlockSize(bytes, from, end) : end - from
    if (size > limit) return true
  }
  return false
}

/** Adds up the literals and matches of a block without making them. */
function lz4BlockSize(bytes: Buffer, from: number, end: number): number {
  let size = 0
  let at = from
  const more = (nibble: number) => {
    let length = nibble
    if (nibble === 15)
      for (let byte = 255; byte === 255 && at < end; ) {
        byte = bytes[at++]!
        length += byte
      }
    return length
  }
  while (at < end) {
    const token = bytes[at++]!
    const literals = more(token >> 4)
    size += literals
    at += literals
    // The last sequence has no match.
    if (at >= end) break
    at += 2
    size += more(token & 15) + 4
  }
  return size
}

/** True when a frame declares a window, or a content that is its own window, above the limit: the decoder allocates it before the first byte. */
export function zstdWindowExceeds(bytes: Buffer, limit: number): boolean {
  for (let at = 0; at + 14 <= bytes.length; ) {
    const magic = bytes.readUInt32LE(at)
    if (isSkipped(magic)) {
      at += 8 + bytes.readUInt32LE(at + 4)
      continue
    }
    if (magic !== zstdMagic) return false
    const flags = bytes[at + 4]!
    const single = (flags & 0x20) !== 0
    const idBytes = [0, 1, 2, 4][flags & 3]!
    const sizeBytes = [single ? 1 : 0, 2, 4, 8][flags >> 6]!
    const exponent = bytes[at + 5]! >> 3
    const window = single ? contentSize(bytes, at + 5 + idBytes, sizeBytes) : 2 ** (10 + exponent) * (1 + (bytes[at + 5]! & 7) / 8)
    if (window > limit) return true
    at += 5 + (single ? 0 : 1) + idBytes + sizeBytes
    for (let last = false; !last && at + 3 <= bytes.length; ) {
      const head = bytes.readUIntLE(at, 3)
      last = (head & 1) !== 0
      at += 3 + (((head >> 1) & 3) === 1 ? 1 : head >> 3)
    }
    if (flags & 4) at += 4
  }
  return false
}

function contentSize(bytes: Buffer, at: number, length: number): number {
  if (at + length > bytes.length) return 0
  return length === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, length) + (length === 2 ? 256 : 0)
}

const isSkipped = (magic: number) => (magic & 0xfffffff0) === skippedMagic
