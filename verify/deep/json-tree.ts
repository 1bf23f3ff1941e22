/** A value of a JSON text with its spelling: no white space, strings in shortest escapes, numbers and the order of keys as written. */
export interface JsonTree {
  readonly text: string
  /** By key; of a repeated key the last, as `JSON.parse` has it. */
  readonly members: ReadonlyMap<string, JsonTree> | null
  readonly items: readonly JsonTree[] | null
}

/** An object or array that is not closed yet. */
interface Open {
  readonly members: Map<string, JsonTree> | null
  readonly items: JsonTree[] | null
  /** What it holds so far, as text: put together piece by piece, since joining would copy all of it at every level. */
  text: string
  /** Of an object, when its value is still to come: spelt with its quotes. */
  key: string | null
}

/** Only for text that `JSON.parse` has accepted. A stack of its own: any nesting is read. */
export function jsonTree(text: string): JsonTree {
  const stack: Open[] = []
  let at = 0
  for (;;) {
    const mark = text[at]
    let value: JsonTree
    if (mark === '{' || mark === '[') {
      stack.push({ members: mark === '{' ? new Map() : null, items: mark === '[' ? [] : null, text: '', key: null })
      at++
      continue
    }
    if (mark === '}' || mark === ']') {
      const { members, items, text: held } = stack.pop()!
      value = { text: members === null ? `[${held}]` : `{${held}}`, members, items }
      at++
    } else if (mark === '"' || (mark !== undefined && !' \t\r\n,:'.includes(mark))) {
      const end = mark === '"' ? behindString(text, at) : behindWord(text, at)
      value = scalarOf(text.slice(at, end))
      at = end
    } else {
      at++
      continue
    }
    const holder = stack.at(-1)
    if (holder === undefined) return value
    put(holder, value)
  }
}

/** The value at a path, or undefined. */
export function treeAt(tree: JsonTree, path: readonly string[]): JsonTree | undefined {
  let found: JsonTree | undefined = tree
  for (const key of path) found = found?.members?.get(key)
  return found
}

/** The same with the keys of all objects sorted, as they are spelt with their quotes (so that a key stands behind its extensions by ` ` and `!`). */
export function sortedText(tree: JsonTree): string {
  const all: JsonTree[] = [tree]
  // Grows while it is walked: whoever holds a value comes before it.
  for (const each of all) for (const held of each.items ?? each.members?.values() ?? []) all.push(held)
  const texts = new Map<JsonTree, string>()
  for (let i = all.length - 1; i >= 0; i--) texts.set(all[i]!, sortedOne(all[i]!, texts))
  return texts.get(tree)!
}

function sortedOne({ text, members, items }: JsonTree, texts: ReadonlyMap<JsonTree, string>): string {
  let sorted = ''
  if (items !== null) {
    for (const item of items) sorted += `${sorted === '' ? '' : ','}${texts.get(item)!}`
    return `[${sorted}]`
  }
  if (members === null) return text
  const spelt = [...members].map(([key, value]) => [JSON.stringify(key), value] as const).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [key, value] of spelt) sorted += `${sorted === '' ? '' : ','}${key}:${texts.get(value)!}`
  return `{${sorted}}`
}

function put(holder: Open, value: JsonTree): void {
  const comma = holder.text === '' ? '' : ','
  if (holder.members === null) {
    holder.items?.push(value)
    holder.text += `${comma}${value.text}`
  } else if (holder.key === null) holder.key = value.text
  else {
    holder.members.set(JSON.parse(holder.key) as string, value)
    holder.text += `${comma}${holder.key}:${value.text}`
    holder.key = null
  }
}

function scalarOf(written: string): JsonTree {
  return { text: written.includes('\\') ? JSON.stringify(JSON.parse(written)) : written, members: null, items: null }
}

function behindString(text: string, open: number): number {
  let at = open + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function behindWord(text: string, start: number): number {
  let at = start
  while (at < text.length && !' \t\r\n,:]}'.includes(text[at]!)) at++
  return at
}
