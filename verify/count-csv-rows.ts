const quote = 0x22
const newline = 0x0a

/** Rows of a CSV, the head included: line ends outside of quotes (a doubled quote closes and opens at once, which changes nothing here). */
export function countCsvRows(body: Uint8Array): number {
  let rows = 0
  let quoted = false
  for (const byte of body)
    if (byte === quote) quoted = !quoted
    else if (byte === newline && !quoted) rows++
  return rows
}
