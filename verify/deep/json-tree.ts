/** A value of a JSON text with its spelling: no white space, strings in shortest escapes, numbers and the order of keys as written. */
export interface JsonTree {
  readonly text: string
  /** By key; of a repeated key the last, as `JSON.parse` has it. */
  readonly members: ReadonlyMap<string, JsonTree> | null
  readonly items: readonly JsonTree[] | null
}

const blank = /[ \t\r\n]*/y
const scalar = /"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y

/** Only for text that `JSON.parse` has accepted. Nesting of thousands throws a RangeError. */
export function jsonTree(text: string): JsonTree {
  return valueAt({ text, at: 0 })
}

/** The value at a path, or undefined. */
export function treeAt(tree: JsonTree, path: readonly string[]): JsonTree | undefined {
  let found: JsonTree | undefined = tree
  for (const key of path) found = found?.members?.get(key)
  return found
}

/** The same with the keys of all objects sorted, as they are spelt with their quotes (so that a key stands behind its extensions by ` ` and `!`). */
export function sortedText(tree: JsonTree): string {
  if (tree.items !== null) return `[${tree.items.map(sortedText).join(',')}]`
  if (tree.members === null) return tree.text
  const members = [...tree.members].map(([key, value]) => [JSON.stringify(key), value] as const).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, value]) => `${key}:${sortedText(value)}`).join(',')}}`
}

interface Cursor {
  readonly text: string
  at: number
}

function valueAt(from: Cursor): JsonTree {
  match(from, blank)
  const first = from.text[from.at]
  const tree = first === '{' ? objectAt(from) : first === '[' ? arrayAt(from) : scalarAt(from)
  match(from, blank)
  return tree
}

function objectAt(from: Cursor): JsonTree {
  const members = new Map<string, JsonTree>()
  const texts: string[] = []
  for (let more = opened(from, '}'); more; more = from.text[from.at++] === ',') {
    const key = valueAt(from).text
    from.at++
    const value = valueAt(from)
    members.set(JSON.parse(key) as string, value)
    texts.push(`${key}:${value.text}`)
  }
  return { text: `{${texts.join(',')}}`, members, items: null }
}

function arrayAt(from: Cursor): JsonTree {
  const items: JsonTree[] = []
  for (let more = opened(from, ']'); more; more = from.text[from.at++] === ',') items.push(valueAt(from))
  return { text: `[${items.map(item => item.text).join(',')}]`, members: null, items }
}

/** Behind the bracket; false, and behind the closing one, when nothing is in between. */
function opened(from: Cursor, close: string): boolean {
  from.at++
  match(from, blank)
  if (from.text[from.at] !== close) return true
  from.at++
  return false
}

function scalarAt(from: Cursor): JsonTree {
  const written = match(from, scalar)
  return { text: written.includes('\\') ? JSON.stringify(JSON.parse(written)) : written, members: null, items: null }
}

function match(from: Cursor, pattern: RegExp): string {
  pattern.lastIndex = from.at
  const found = pattern.exec(from.text)?.[0] ?? ''
  from.at += found.length
  return found
}
