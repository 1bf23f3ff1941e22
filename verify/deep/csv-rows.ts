const quote = 0x22
const comma = 0x2c
const newline = 0x0a

/** Rows of cells, the head included: RFC 4180, `\n` line ends. Whatever is not that throws with the byte where it is. */
export function* csvRows(body: Buffer): Generator<string[]> {
  let row: string[] = []
  let at = 0
  while (at < body.length) {
    const start = at
    const quoted = body[at] === quote
    if (quoted) {
      at = closing(body, at)
      row.push(body.toString('utf8', start + 1, at - 1).replaceAll('""', '"'))
    } else {
      while (at < body.length && body[at] !== comma && body[at] !== newline) at++
      row.push(body.toString('utf8', start, at))
    }
    const mark = body[at++]
    if (mark === newline) {
      yield row
      row = []
    } else if (mark !== comma) throw new RangeError(`the row that reaches byte ${at - 1} does not end`)
    else if (at === body.length) throw new RangeError('the last row does not end')
  }
}

/** Behind the quote that closes the one at `at`. */
function closing(body: Buffer, at: number): number {
  for (;;) {
    const end = body.indexOf(quote, at + 1)
    if (end < 0) throw new RangeError(`the quote at byte ${at} does not close`)
    if (body[end + 1] !== quote) return end + 1
    at = end + 1
  }
}
