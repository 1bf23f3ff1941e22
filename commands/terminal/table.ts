import { number } from './format.js'
import { lengthOf } from './wrap.js'

/** null = there is none, undefined = it is not known now. */
export type Cell = string | number | null | undefined

const gap = '  '

/**
 * Columns two spaces apart; numbers stand to the right. No lines: what is printed can be cut, searched and pasted.
 * A table wider than `columns` goes on below: each row takes further lines, set in, with the columns that do not fit.
 */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], columns = Number.POSITIVE_INFINITY): string {
  const texts = rows.map(row => row.map(cellText))
  const widths = head.map((title, i) => Math.max(title.length, ...texts.map(row => lengthOf(row[i] ?? ''))))
  const right = head.map(
    (_, i) => rows.length > 0 && rows.every(row => typeof row[i] === 'number' || row[i] === null || row[i] === undefined),
  )
  const padded = (cell: string, i: number) => {
    const blanks = ' '.repeat((widths[i] ?? 0) - lengthOf(cell))
    return right[i] ? blanks + cell : cell + blanks
  }
  const bands = bandsOf(widths, columns)
  const lines = (cells: readonly string[]) =>
    bands.map((band, n) => `${n === 0 ? '' : gap}${band.map(i => padded(cells[i] ?? '', i)).join(gap)}`.trimEnd())
  return [head.map(title => title.toUpperCase()), ...texts].flatMap(lines).join('\n')
}

/** Which columns stand beside each other. */
function bandsOf(widths: readonly number[], columns: number): readonly (readonly number[])[] {
  const bands: number[][] = []
  let used = 0
  for (const [i, width] of widths.entries()) {
    const band = bands.at(-1)
    if (band !== undefined && used + gap.length + width <= columns) {
      band.push(i)
      used += gap.length + width
    } else {
      used = (bands.length === 0 ? 0 : gap.length) + width
      bands.push([i])
    }
  }
  return bands
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
