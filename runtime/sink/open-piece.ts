import { createHash } from 'node:crypto'

/** Rows of one dataset from one topic partition, not yet uploaded. Memory: `held`, and the former buffer while it grows. */
export interface OpenPiece {
  rows: number
  readonly bytes: number
  /** What it takes of a budget of bytes: its buffer, full or not. */
  readonly held: number
  readonly firstOffset: number
  readonly lastOffset: number
  /** Event times in µs. */
  readonly firstAt: number
  readonly lastAt: number
  /** Rows come in any order. `until`: of a row that is about more than one instant. */
  append(row: string, offset: number, at: number, until?: number): void
  /** Head, rows and tail as one body, with its SHA-256. Nothing may be appended any more: the body lies in the same memory. */
  finish(tail: string): { readonly body: Buffer; readonly sha256: string }
}

const firstCapacity = 4 * 1024
/** Of a dataset's first: a budget counts whole buffers, and thousands of datasets may have a row each. */
export const leastCapacity = 512
/** A budget of bytes counts whole buffers: twice as large, a third of them would be empty. */
const growth = 1.5

/** `sorted`: the rows of the body are in the order of their bytes, not in which they came. `capacity`: of its first buffer. */
export function openPiece(head: string, order: 'as appended' | 'sorted' = 'as appended', capacity = firstCapacity): OpenPiece {
  // Of its own: a part of Node's pool would hold more than is counted.
  let buffer = Buffer.allocUnsafeSlow(Math.max(capacity, head.length * 3))
  let end = buffer.write(head, 0)
  const starts: number[] = []
  // A UTF-16 unit takes at most 3 bytes of UTF-8: no second pass over the text to measure it.
  function makeRoom(text: string): void {
    const need = end + text.length * 3
    if (need <= buffer.length) return
    const wider = Buffer.allocUnsafeSlow(Math.max(need, Math.ceil(buffer.length * growth)))
    buffer.copy(wider, 0, 0, end)
    buffer = wider
  }
  const piece = {
    rows: 0,
    firstOffset: Number.POSITIVE_INFINITY,
    lastOffset: -1,
    firstAt: Number.POSITIVE_INFINITY,
    lastAt: Number.NEGATIVE_INFINITY,
    get bytes() {
      return end
    },
    get held() {
      return buffer.length
    },
    append(row: string, offset: number, at: number, until = at) {
      makeRoom(row)
      if (order === 'sorted') starts.push(end)
      end += buffer.write(row, end)
      piece.rows++
      if (offset < piece.firstOffset) piece.firstOffset = offset
      if (offset > piece.lastOffset) piece.lastOffset = offset
      if (at < piece.firstAt) piece.firstAt = at
      if (until > piece.lastAt) piece.lastAt = until
    },
    finish(tail: string) {
      const body = order === 'sorted' ? sorted(tail) : appended(tail)
      return { body, sha256: createHash('sha256').update(body).digest('hex') }
    },
  }
  function appended(tail: string): Buffer {
    makeRoom(tail)
    return buffer.subarray(0, end + buffer.write(tail, end))
  }
  function sorted(tail: string): Buffer {
    const rows = starts.map((start, i) => buffer.subarray(start, starts[i + 1] ?? end)).sort(Buffer.compare)
    return Buffer.concat([buffer.subarray(0, starts[0] ?? end), ...rows, Buffer.from(tail)])
  }
  return piece
}
