import { type GzipEnd, gunzipped } from './gzip/gunzipped.js'

/** One line that is not blank; `long` = over the limit, of which the first 64 KiB are there. */
export interface SourceLine {
  readonly number: number
  readonly bytes: Buffer
  readonly long: boolean
}

export interface SplitEnd {
  /** Blank ones included; without what a damaged gzip member has begun. */
  readonly lines: number
  readonly blank: number
  /** Something of the object could not be read, or does not fit its checksum. */
  readonly broken: boolean
}

const newline = 0x0a
const headBytes = 64 << 10

/** Lines end at `\n` or `\r\n`. Memory: one chunk and one line of at most `limit` bytes, or 64 KiB. */
export async function* splitLines(stored: AsyncIterable<Buffer>, gzip: boolean, limit: number): AsyncGenerator<SourceLine, SplitEnd> {
  let rest: Buffer = Buffer.alloc(0)
  let head: Buffer | null = null
  let [number, blank] = [0, 0]
  const lineOf = (bytes: Buffer, ended: boolean): SourceLine | null => {
    number++
    const long = head
    head = null
    if (long !== null) return { number, bytes: long, long: true }
    let line = number === 1 && bytes.toString('hex', 0, 3) === 'efbbbf' ? bytes.subarray(3) : bytes
    if (ended && line.at(-1) === 0x0d) line = line.subarray(0, -1)
    if (line.length > limit) return { number, bytes: line.subarray(0, headBytes), long: true }
    if (!isBlank(line)) return { number, bytes: line, long: false }
    blank++
    return null
  }
  const chunks = gzip ? gunzipped(stored) : plain(stored)
  let next = await chunks.next()
  for (; next.done !== true; next = await chunks.next()) {
    const bytes: Buffer = rest.length > 0 ? Buffer.concat([rest, next.value]) : next.value
    let from = 0
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      const line = lineOf(bytes.subarray(from, end), true)
      if (line !== null) yield line
      from = end + 1
    }
    rest = bytes.subarray(from)
    // Room for a byte order mark and half a line end: what is longer than this is too long in any case.
    if (head === null && rest.length > Math.max(limit, headBytes) + 4) head = Buffer.from(rest.subarray(0, headBytes))
    if (head !== null) rest = Buffer.alloc(0)
  }
  const { broken, open } = next.value
  if (!open && (rest.length > 0 || head !== null)) {
    const line = lineOf(rest, false)
    if (line !== null) yield line
  }
  return { lines: number, blank, broken }
}

async function* plain(stored: AsyncIterable<Buffer>): AsyncGenerator<Buffer, GzipEnd> {
  yield* stored
  return { broken: false, open: false }
}

function isBlank(line: Buffer): boolean {
  return line.every(byte => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d))
}
