import { decodeString, readString } from './json-string.js'
import { rewriteJson } from './json-text.js'

const idsOnly = /^\[[\d, ]*\]$/

/**
 * The items of a JSON array joined by commas, each as Python's `str()` prints it: strings without quotes, `True`, `None`. Nested items stay
 * JSON, and what is no array is taken for its only item: the old job printed Python notation there, or took a string apart.
 */
export function joinedItems(json: string): string {
  if (idsOnly.test(json)) return json.slice(1, -1).replaceAll(' ', '')
  const compact = rewriteJson(json, 'python')
  return compact.startsWith('[') ? itemsOf(compact).map(itemText).join(',') : itemText(compact)
}

/** Splits compact, well-formed array text at its own commas. */
function itemsOf(compact: string): string[] {
  const items: string[] = []
  let depth = 0
  let start = 1
  for (let at = 1; at < compact.length; at++) {
    const char = compact[at]
    if (char === '"') at = (readString(compact, at, 'python')?.end ?? compact.length) - 1
    else if (char === '[' || char === '{') depth++
    else if (depth > 0 && (char === ']' || char === '}')) depth--
    else if (depth === 0 && (char === ',' || char === ']')) {
      if (at > start) items.push(compact.slice(start, at))
      start = at + 1
    }
  }
  return items
}

const pythonWords = new Map([
  ['true', 'True'],
  ['false', 'False'],
  ['null', 'None'],
])

function itemText(item: string): string {
  return item.startsWith('"') ? decodeString(item) : (pythonWords.get(item) ?? item)
}
