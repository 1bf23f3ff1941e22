import type { OutputStream } from './output.js'
import { inOneLine } from './printable.js'
import { columnsOf } from './wrap.js'

const home = '\u001b[H'
const clearAll = '\u001b[2J'
const clearLine = '\u001b[K'
const clearBelow = '\u001b[J'

/** Draws a text over the one before, cut to the terminal: a line that wraps, or scrolls, would leave a trail. */
export function makeScreen(stream: OutputStream): { draw(text: string): void } {
  let drawn = false
  return {
    draw(text) {
      const [columns, rows] = [columnsOf(stream), stream.rows || 24]
      const lines = text.split('\n').map(line => inOneLine(line, columns - 1))
      const cut = lines.length > rows - 1 ? [...lines.slice(0, rows - 2), `… ${lines.length - rows + 2} more lines`] : lines
      stream.write(`${drawn ? '' : clearAll}${home}${cut.map(line => `${line}${clearLine}\n`).join('')}${clearBelow}`)
      drawn = true
    },
  }
}
