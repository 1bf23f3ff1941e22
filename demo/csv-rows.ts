/** The rows of a CSV as they stand, the head first: line ends inside of quotes belong to their cell. */
export function csvRows(body: Buffer): readonly string[] {
  const text = body.toString('utf8')
  const rows: string[] = []
  let from = 0
  let quoted = false
  for (let at = 0; at < text.length; at++)
    if (text[at] === '"') quoted = !quoted
    else if (text[at] === '\n' && !quoted) {
      rows.push(text.slice(from, at))
      from = at + 1
    }
  if (from < text.length) rows.push(text.slice(from))
  return rows
}
