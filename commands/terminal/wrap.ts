/** Where the value of `name  value` begins, when that leaves room enough. */
const valueColumn = /^\s*\S+(?: \S+)*\s{2,}(?=\S)/

/**
 * Breaks what is longer than the terminal is wide at blanks, and paths behind a slash: a terminal breaks in the middle of a hash or a name.
 * Further lines are set in below the value, or by two. What has no such place is left as it is. `columns` = Infinity changes nothing.
 */
export function wrap(text: string, columns: number): string {
  if (!Number.isFinite(columns)) return text
  return text
    .split('\n')
    .flatMap(line => (lengthOf(line) <= columns ? [line] : wrapLine(line, columns)))
    .join('\n')
}

function wrapLine(line: string, columns: number): string[] {
  const indent = /^\s*/.exec(line)![0].length
  const value = valueColumn.exec(line)?.[0].length ?? 0
  const small = ' '.repeat(Math.min(indent, columns >> 1) + 2)
  const deep = value > 0 && value <= columns >> 1 ? ' '.repeat(value) : small
  const lines: string[] = []
  let now = ''
  const add = (blanks: string, text: string) => {
    if (now.trim() === '' || lengthOf(now + blanks + text) <= columns) {
      now += blanks + text
      return
    }
    lines.push(now.trimEnd())
    // A long name begins further to the left before it is broken.
    now = (deep.length + lengthOf(text) <= columns ? deep : small) + text
  }
  for (const [, blanks = '', word = ''] of line.matchAll(/(\s*)(\S+)/g)) {
    const fitsAlone = small.length + lengthOf(word) <= columns
    const [first = '', ...rest] = fitsAlone ? [word] : word.split(/(?<=\/)(?!\/)/)
    add(blanks, first)
    for (const part of rest) add('', part)
  }
  return [...lines, now]
}

/** Code points, not UTF-16 units. */
export function lengthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : [...text].length
}

/** What fits beside each other; Infinity without a terminal. A pseudo-terminal may not know its width. */
export function columnsOf({ isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number }): number {
  return isTTY === true ? columns || 80 : Number.POSITIVE_INFINITY
}
