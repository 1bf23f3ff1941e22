import { createHash, type Hash } from 'node:crypto'

const newline = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])
/** How much of an over-long line is kept for its dead letter. */
const headBytes = 64 * 1024

export type Line = WholeLine | LongLine

interface Common {
  /** From 1, blank lines included. */
  readonly number: number
  /** Length without the line end. */
  readonly bytes: number
  /** True for a last line without line end: all of Torus's objects, but also one that was cut off. */
  readonly unterminated: boolean
}

export interface WholeLine extends Common {
  readonly tooLong: false
  /** A view into the chunk it came in, when it lies in one: use or copy it before the chunk is reused. */
  readonly line: Buffer
}

/** Longer than the limit: it was hashed as it went by, not kept. */
export interface LongLine extends Common {
  readonly tooLong: true
  readonly sha256: string
  /** The first 64 KiB. */
  readonly head: Buffer
}

/**
 * Cuts the bytes of one object into lines: at `\n` and `\r\n` only, for U+2028, U+0085 and a bare `\r` are legal inside of statements.
 * A byte order mark at the start is dropped. Lines of white space are counted, not given out. Memory: one chunk and `maxBytes`.
 */
export class LineSplitter {
  /** Lines of white space so far. */
  blank = 0
  private readonly maxBytes: number
  private number = 0
  private started = false
  private pending: Buffer[] = []
  private pendingBytes = 0
  private long: LongHash | undefined

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  push(chunk: Buffer): readonly Line[] {
    const bytes = this.started ? chunk : this.start(chunk)
    const lines: Line[] = []
    let from = 0
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      this.close(bytes.subarray(from, end), false, lines)
      from = end + 1
    }
    if (from < bytes.length) this.keep(bytes.subarray(from))
    return lines
  }

  /** The last line, if the object does not end in a line end. */
  end(): readonly Line[] {
    const lines: Line[] = []
    if (this.pendingBytes > 0 || this.long !== undefined) this.close(Buffer.alloc(0), true, lines)
    return lines
  }

  /** Holds back what could be the beginning of a byte order mark. */
  private start(chunk: Buffer): Buffer {
    const bytes = this.pendingBytes > 0 ? Buffer.concat([...this.pending, chunk]) : chunk
    this.pending = []
    this.pendingBytes = 0
    if (bytes.length < byteOrderMark.length && byteOrderMark.subarray(0, bytes.length).equals(bytes)) {
      this.keep(bytes)
      return Buffer.alloc(0)
    }
    this.started = true
    return byteOrderMark.equals(bytes.subarray(0, byteOrderMark.length)) ? bytes.subarray(byteOrderMark.length) : bytes
  }

  private keep(bytes: Buffer): void {
    if (bytes.length === 0) return
    if (this.long !== undefined) {
      this.long.add(bytes)
      return
    }
    this.pending.push(bytes)
    this.pendingBytes += bytes.length
    // One more, as the last may turn out to be half of a line end.
    if (this.pendingBytes <= this.maxBytes + 1) return
    this.long = new LongHash()
    for (const each of this.pending) this.long.add(each)
    this.pending = []
    this.pendingBytes = 0
  }

  private close(last: Buffer, unterminated: boolean, lines: Line[]): void {
    const number = ++this.number
    if (this.long !== undefined) {
      this.long.add(last)
      lines.push({ number, unterminated, ...this.long.finish(!unterminated) })
      this.long = undefined
      return
    }
    let line = this.pendingBytes === 0 ? last : Buffer.concat([...this.pending, last])
    this.pending = []
    this.pendingBytes = 0
    if (!unterminated && line.at(-1) === carriageReturn) line = line.subarray(0, -1)
    if (line.length > this.maxBytes) {
      const long = new LongHash()
      long.add(line)
      lines.push({ number, unterminated, ...long.finish(false) })
    } else if (isBlank(line)) this.blank++
    else lines.push({ tooLong: false, number, bytes: line.length, unterminated, line })
  }
}

/** The first byte decides nearly always. */
function isBlank(line: Buffer): boolean {
  for (const byte of line) if (byte !== 0x20 && !(byte >= 0x09 && byte <= 0x0d)) return false
  return true
}

class LongHash {
  private readonly hash: Hash = createHash('sha256')
  private readonly heads: Buffer[] = []
  private headLength = 0
  private bytes = 0
  /** A `\r` at the end may belong to the line end. */
  private held = false

  add(bytes: Buffer): void {
    if (bytes.length === 0) return
    if (this.held) this.take(Buffer.from([carriageReturn]))
    this.held = bytes.at(-1) === carriageReturn
    this.take(this.held ? bytes.subarray(0, -1) : bytes)
  }

  finish(terminated: boolean): Pick<LongLine, 'tooLong' | 'bytes' | 'sha256' | 'head'> {
    if (this.held && !terminated) this.take(Buffer.from([carriageReturn]))
    return { tooLong: true, bytes: this.bytes, sha256: this.hash.digest('hex'), head: Buffer.concat(this.heads) }
  }

  private take(bytes: Buffer): void {
    this.hash.update(bytes)
    this.bytes += bytes.length
    const part = bytes.subarray(0, headBytes - this.headLength)
    if (part.length === 0) return
    // A copy: the chunk may be reused before the line ends.
    this.heads.push(Buffer.from(part))
    this.headLength += part.length
  }
}
