import { number } from './format.js'

/** null = there is none, undefined = it is not known now. */
export type Cell = string | number | null | undefined

/** Columns two spaces apart; numbers stand to the right. No lines: what is printed can be cut, searched and pasted. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map(row => row.map(cellText))
  const widths = head.map((title, i) => Math.max(title.length, ...texts.map(row => width(row[i] ?? ''))))
  const right = head.map(
    (_, i) => rows.length > 0 && rows.every(row => typeof row[i] === 'number' || row[i] === null || row[i] === undefined),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (right[i] ? ' '.repeat((widths[i] ?? 0) - width(cell)) + cell : cell + ' '.repeat((widths[i] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd()
  return [line(head.map(title => title.toUpperCase())), ...texts.map(line)].join('\n')
}

/** Name and value below each other. */
export function pairs(rows: readonly (readonly [name: string, value: Cell])[]): string {
  const widest = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(widest)}  ${cellText(value)}`.trimEnd()).join('\n')
}

function cellText(cell: Cell): string {
  if (cell === null) return '-'
  if (cell === undefined) return '?'
  return typeof cell === 'number' ? number(cell) : cell
}

/** Code points, not UTF-16 units. */
function width(text: string): number {
  return [...text].length
}
