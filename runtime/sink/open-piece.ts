import { createHash } from 'node:crypto'

/** Rows of one dataset from one topic partition, not yet uploaded. Memory: `held`, at most doubled while growing. */
export interface OpenPiece {
  rows: number
  readonly bytes: number
  /** What it takes of a budget of bytes: the rendered bytes, and at least what a piece takes that is nearly empty. */
  readonly held: number
  readonly firstOffset: number
  readonly lastOffset: number
  /** Event times in µs. */
  readonly firstAt: number
  readonly lastAt: number
  /** Rows come in any order. `until`: of a row that is about more than one instant. */
  append(row: string, offset: number, at: number, until?: number): void
  /** Head, rows and tail as one body, with its SHA-256. */
  finish(tail: string): { readonly body: Buffer; readonly sha256: string }
}

const firstCapacity = 4 * 1024

/** `sorted`: the rows of the body are in the order of their bytes, not in which they came. */
export function openPiece(head: string, order: 'as appended' | 'sorted' = 'as appended'): OpenPiece {
  const capacity = Math.max(firstCapacity, head.length * 3)
  let buffer = Buffer.allocUnsafe(capacity)
  let end = buffer.write(head, 0)
  const begin = end
  const starts: number[] = []
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
      return Math.max(capacity, end)
    },
    append(row: string, offset: number, at: number, until = at) {
      // A UTF-16 unit takes at most 3 bytes of UTF-8: no second pass over the row to measure it.
      const need = end + row.length * 3
      if (need > buffer.length) {
        const wider = Buffer.allocUnsafe(Math.max(need, buffer.length * 2))
        buffer.copy(wider, 0, 0, end)
        buffer = wider
      }
      if (order === 'sorted') starts.push(end)
      end += buffer.write(row, end)
      piece.rows++
      if (offset < piece.firstOffset) piece.firstOffset = offset
      if (offset > piece.lastOffset) piece.lastOffset = offset
      if (at < piece.firstAt) piece.firstAt = at
      if (until > piece.lastAt) piece.lastAt = until
    },
    finish(tail: string) {
      const rows = buffer.subarray(begin, end)
      const ordered =
        order === 'sorted' ? starts.map((start, i) => buffer.subarray(start, starts[i + 1] ?? end)).sort(Buffer.compare) : [rows]
      const body = Buffer.concat([buffer.subarray(0, begin), ...ordered, Buffer.from(tail)])
      return { body, sha256: createHash('sha256').update(body).digest('hex') }
    },
  }
  return piece
}
