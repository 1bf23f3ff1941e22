/** The rows of a CSV as they stand, each with its line end, the head first: line ends inside of quotes belong to their cell. */
export function* csvRows(text: string): Generator<string> {
  let from = 0
  let quote = text.indexOf('"')
  for (let at = 0; at < text.length; ) {
    // Looked for again only when it is passed: in a file without quotes each row would search all that follows.
    if (quote >= 0 && quote < at) quote = text.indexOf('"', at)
    const end = text.indexOf('\n', at)
    if (quote >= 0 && (quote < end || end < 0)) {
      const close = text.indexOf('"', quote + 1)
      if (close < 0) break
      // A doubled quote closes and opens again.
      at = close + 1
    } else if (end < 0) break
    else {
      yield text.slice(from, end + 1)
      at = end + 1
      from = at
    }
  }
  if (from < text.length) yield text.slice(from)
}

/** The cells of one row, without their quotes. */
export function csvCells(row: string): readonly string[] {
  const line = row.endsWith('\n') ? row.slice(0, -1) : row
  const cells: string[] = []
  for (let at = 0; at <= line.length; at++) {
    const start = at
    if (line[at] === '"') {
      for (at = line.indexOf('"', at + 1); at >= 0 && line[at + 1] === '"'; at = line.indexOf('"', at + 2));
      const end = at < 0 ? line.length : at
      cells.push(line.slice(start + 1, end).replaceAll('""', '"'))
      at = end + 1
    } else {
      const comma = line.indexOf(',', at)
      at = comma < 0 ? line.length : comma
      cells.push(line.slice(start, at))
    }
  }
  return cells
}
