import { crc32 } from '@node-rs/crc32'
import { Inflate } from './inflate.js'

/** How the text of an object ended. */
export interface GzipEnd {
  /** Something could not be read, or does not fit its checksum. */
  readonly broken: boolean
  /** The text stops inside of a member. */
  readonly open: boolean
}

/** Gzip (RFC 1952) by a parser and an inflate of our own: what the product does not read of an object is to be noticed here. */
export async function* gunzipped(stored: AsyncIterable<Buffer>): AsyncGenerator<Buffer, GzipEnd> {
  const input = stored[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  const more = async () => {
    const { done, value } = await input.next()
    if (done !== true) held = Buffer.concat([held, value])
    return done !== true
  }
  let broken = false
  try {
    for (let first = true; ; first = false) {
      if (held.length === 0 && !(await more())) return { broken, open: false }
      // Padding.
      while (!first && held[0] === 0) {
        const zeros = held.findIndex(byte => byte !== 0)
        held = held.subarray(zeros < 0 ? held.length : zeros)
        if (held.length === 0 && !(await more())) return { broken, open: false }
      }
      let head = headBytes(held)
      while (head === 'more' && (await more())) head = headBytes(held)
      if (typeof head !== 'number') return { broken: true, open: false }
      held = held.subarray(head)
      const inflate = new Inflate()
      let [sum, size, given] = [0, 0, 0]
      const counted = (text: Buffer) => {
        sum = crc32(text, sum)
        size += text.length
        return text
      }
      for (let ended = false; !ended; ) {
        given += held.length
        const texts = inflate.push(held)
        let step = texts.next()
        for (; step.done !== true; step = texts.next()) yield counted(step.value)
        if (step.value.is === 'damaged') return { broken: true, open: true }
        ended = step.value.is === 'ended'
        held = ended ? held.subarray(held.length - (given - step.value.at)) : Buffer.alloc(0)
        if (!ended && !(await more())) {
          yield inflate.rest()
          return { broken: true, open: true }
        }
      }
      while (held.length < 8) if (!(await more())) return { broken: true, open: false }
      broken ||= held.readUInt32LE(0) !== sum || held.readUInt32LE(4) !== size % 2 ** 32
      held = held.subarray(8)
    }
  } finally {
    await input.return?.()
  }
}

/** Length of the head at the beginning of these bytes. */
function headBytes(bytes: Buffer): number | 'more' | 'foreign' {
  if (!Buffer.from([0x1f, 0x8b, 8]).subarray(0, bytes.length).equals(bytes.subarray(0, 3))) return 'foreign'
  const flags = bytes[3]
  if (flags === undefined) return 'more'
  let at = 10
  if (flags > 31) return bytes.length < at ? 'more' : 'foreign'
  if (flags & 4) {
    if (bytes.length < at + 2) return 'more'
    at += 2 + bytes.readUInt16LE(at)
  }
  for (const text of [8, 16]) {
    if (!(flags & text)) continue
    const end = bytes.indexOf(0, at)
    if (end < 0) return 'more'
    at = end + 1
  }
  if (flags & 2) at += 2
  return at > bytes.length ? 'more' : at
}
