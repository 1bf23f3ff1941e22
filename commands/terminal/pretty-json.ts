import { canonicalJson } from '../../schemas/json-text.js'

/** Deeper levels are not set in any further: what is nested on purpose would fill the screen with blanks. */
const deepest = 40

/** JSON text set out over lines, every number as it was written: parsing would show `1.0` as `1` and lose digits of long ones. */
export function prettyJson(text: string): string {
  const parts: string[] = []
  let depth = 0
  let before = ''
  const line = () => `\n${'  '.repeat(Math.min(depth, deepest))}`
  for (const [token] of canonicalJson(text.trim()).matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^{}[\],:"]+/gs)) {
    const opened = before === '{' || before === '['
    if (token === '}' || token === ']') {
      depth--
      parts.push(opened ? token : line() + token)
    } else {
      // An empty object or list stays in its line: the line is begun with what comes first in it.
      if (opened || before === ',') parts.push(line())
      if (token === '{' || token === '[') depth++
      parts.push(token === ':' ? ': ' : token)
    }
    before = token
  }
  return parts.join('')
}
