import { crc32 } from 'node:zlib'
import { DamagedData, inflatedAtOnce, RawInflate } from './raw-inflate.js'
import { StoredReader } from './stored-reader.js'

/** Comes last, and only when something could not be read. */
export interface GzipDamage {
  /** For a person, with the place in the stored bytes. */
  readonly reason: string
  /** The text stops inside of a member: its last line may not be whole. */
  readonly open: boolean
}

/** The stored bytes from a place on; the same object however often it is asked for. */
export type StoredFrom = (at: number) => AsyncIterable<Buffer>

/** 1,000 times as much text may come of it. */
const sliceBytes = 16 << 10
const mostNamed = 3

/**
 * The text of a gzip object, member by member: all that is readable. Zero bytes after a member are padding. A wrong checksum or length in a
 * trailer takes nothing away: the text is out by then, and the next member is read. What is no gzip after a whole member, a damaged member and
 * one that is cut off end the text; of damaged data everything counts as readable that the bytes before the damaged one say.
 * Memory: some slices and their text. Time: a damaged member is read three times.
 */
export async function* gzipText(stored: StoredFrom): AsyncGenerator<Buffer | GzipDamage> {
  const reader = new StoredReader(stored(0), 0)
  const wrong: string[] = []
  let end: GzipDamage | null = null
  // Some writers make a member of every few lines.
  let small = false
  try {
    for (let members = 0; end === null && (members === 0 ? (await reader.some(1)) !== null : await reader.pastZeros()); members++) {
      const from = reader.at
      const head = await readHead(reader)
      if (head === 'foreign') end = { reason: foreign(from, members), open: false }
      else if (head === 'cut') end = { reason: cut(reader.at), open: false }
      else {
        const member = yield* inflated(reader, stored, small)
        small = reader.at - from < sliceBytes
        if ('reason' in member) end = member
        else {
          const trailer = await reader.bytes(8)
          if (trailer === null) end = { reason: cut(reader.at), open: false }
          else if (trailer.readUInt32LE(0) !== member.crc || trailer.readUInt32LE(4) !== member.length % 2 ** 32)
            wrong.push(`the gzip member at byte ${from} does not fit its checksum at byte ${reader.at - 8}: its lines may be damaged`)
        }
      }
    }
  } finally {
    await reader.close()
  }
  const more = wrong.length - mostNamed
  const reasons = [...wrong.slice(0, mostNamed), ...(more > 0 ? [`so it is with ${more} more`] : []), ...(end === null ? [] : [end.reason])]
  if (reasons.length > 0) yield { reason: reasons.join('; '), open: end?.open ?? false }
}

const cut = (at: number) => `the gzip stream is cut off at byte ${at}`
const foreign = (at: number, members: number) =>
  members === 0 ? 'this is no gzip, from byte 0 on' : `what follows the gzip stream, from byte ${at} on, is no gzip and was not read`

/** Passes over the head of a member. Its own checksum, which hardly any has, is not looked at: the text does not hang on it. */
async function readHead(reader: StoredReader): Promise<'read' | 'foreign' | 'cut'> {
  for (const expected of [0x1f, 0x8b, 8]) {
    const byte = await reader.byte()
    if (byte === null) return 'cut'
    if (byte !== expected) return 'foreign'
  }
  // Flags, time, the packer's own flags, its system.
  const rest = await reader.bytes(7)
  if (rest === null) return 'cut'
  const flags = rest[0]!
  if ((flags & 0xe0) !== 0) return 'foreign'
  if (flags & 4) {
    const length = await reader.bytes(2)
    if (length === null || (await reader.bytes(length.readUInt16LE())) === null) return 'cut'
  }
  for (const text of [8, 16])
    if (flags & text) for (let byte = await reader.byte(); byte !== 0; byte = await reader.byte()) if (byte === null) return 'cut'
  return flags & 2 && (await reader.bytes(2)) === null ? 'cut' : 'read'
}

/** The deflate data of a member; `small`: it may lie in a slice. */
async function* inflated(
  reader: StoredReader,
  stored: StoredFrom,
  small: boolean,
): AsyncGenerator<Buffer, { crc: number; length: number } | GzipDamage> {
  const whole = small ? inflatedAtOnce((await reader.some(sliceBytes)) ?? Buffer.alloc(0)) : null
  if (whole !== null) {
    reader.used(whole.used)
    yield* whole.text
    return { crc: crc32(whole.text[0]!), length: whole.text[0]!.length }
  }
  const inflate = new RawInflate()
  const from = reader.at
  let [crc, length] = [0, 0]
  try {
    for (let slice = await reader.some(sliceBytes); slice !== null; slice = await reader.some(sliceBytes)) {
      const { text, used } = await inflate.push(slice)
      reader.used(used)
      for (const part of text) {
        crc = crc32(part, crc)
        length += part.length
        yield part
      }
      if (used < slice.length) return { crc, length }
    }
    await inflate.end()
    return { crc, length }
  } catch (error) {
    if (!(error instanceof DamagedData)) throw error
    if ((await reader.some(1)) === null) return { reason: cut(reader.at), open: true }
    let at = reader.at
    for (const step of [128, 1]) at = yield* untilDamage(stored, from, at, step)
    return { reason: `the gzip stream is damaged at byte ${at}; what follows was not read`, open: true }
  } finally {
    inflate.close()
  }
}

/**
 * A push that fails gives none of its text. So the member is read again: without giving it out as far as it went well, then in steps.
 * Returns the place of the step that cannot be.
 */
async function* untilDamage(stored: StoredFrom, from: number, well: number, step: number): AsyncGenerator<Buffer, number> {
  const reader = new StoredReader(stored(from), from)
  const inflate = new RawInflate()
  try {
    for (;;) {
      const slice = await reader.some(reader.at < well ? Math.min(sliceBytes, well - reader.at) : step)
      if (slice === null) throw new Error(`reading a damaged gzip member again: it ends at byte ${reader.at}`)
      const { text } = await inflate.push(slice)
      if (reader.at >= well) yield* text
      reader.used(slice.length)
    }
  } catch (error) {
    if (!(error instanceof DamagedData)) throw error
    return reader.at
  } finally {
    inflate.close()
    await reader.close()
  }
}
