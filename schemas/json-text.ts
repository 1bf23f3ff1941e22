import { isBlank, scanJson, stringEnd, wantedPaths } from './json-scan.js'

/** The value at `path` exactly as written, or undefined: `rawValue('{"a":{"b":1.0}}', ['a', 'b'])` = `1.0` */
export function rawValue(text: string, path: readonly string[]): string | undefined {
  return scanJson(text, wantedPaths([path]), 1)[0]
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Same text for all spellings of a value that differ in white space and escapes only; numbers and key order stay as written. */
export function canonicalJson(text: string): string {
  // Two loops, so that this is asked once: V8 moved the question into the one loop it was for, and a long answer took seconds.
  return text.includes('\\') ? respelt(text) : squeezed(text)
}

/** Without white space between the tokens. */
function squeezed(text: string): string {
  let out = ''
  let from = 0
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 0x22) at = endOf(text, at)
    else if (isBlank(code)) {
      out += text.slice(from, at)
      at = from = afterBlanks(text, at)
    } else at++
  }
  return from === 0 ? text : out + text.slice(from)
}

/** And with strings in their shortest escapes. */
function respelt(text: string): string {
  let out = ''
  let from = 0
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      const end = endOf(text, at)
      const written = text.slice(at, end)
      const short = written.includes('\\') ? shortest(written) : written
      if (short !== written) {
        out += text.slice(from, at) + short
        from = end
      }
      at = end
    } else if (isBlank(code)) {
      out += text.slice(from, at)
      at = from = afterBlanks(text, at)
    } else at++
  }
  return from === 0 ? text : out + text.slice(from)
}

function afterBlanks(text: string, at: number): number {
  while (isBlank(text.charCodeAt(at))) at++
  return at
}

interface Open {
  /** Objects only: values by key, the last of a key winning. */
  readonly members: Map<string, string> | null
  key: string
  text: string
}

/** Like `canonicalJson`, with the keys of every object sorted. Own stack: any nesting works. */
export function sortedCanonicalJson(text: string): string {
  const stack: Open[] = [{ members: null, key: '', text: '' }]
  let open = stack[0]!
  for (const token of tokens(canonicalJson(text))) {
    if (token === '{' || token === '[') {
      open = { members: token === '{' ? new Map() : null, key: '', text: '' }
      stack.push(open)
    } else if (token === '}' || token === ']') {
      const closed = stack.pop()!
      open = stack.at(-1)!
      put(open, closed.members === null ? `[${closed.text}]` : `{${sorted(closed.members)}}`)
    } else if (token === ':') {
      open.key = open.text
      open.text = ''
    } else put(open, token)
  }
  return stack[0]!.text
}

function put(open: Open, value: string): void {
  if (open.members === null) open.text += open.text === '' ? value : `,${value}`
  else if (open.key === '') open.text = value
  else {
    open.members.set(open.key, value)
    open.key = ''
  }
}

function sorted(members: ReadonlyMap<string, string>): string {
  let text = ''
  for (const key of [...members.keys()].sort()) text += `${text === '' ? '' : ','}${key}:${members.get(key)!}`
  return text
}

/** Brackets, colons, strings and scalars of canonical text; commas say nothing. */
function* tokens(text: string): Generator<string> {
  let at = 0
  while (at < text.length) {
    const char = text[at]!
    let end = at + 1
    if (char === '"') end = endOf(text, at)
    else if (!'{}[]:,'.includes(char)) while (end < text.length && !'{}[]:,'.includes(text[end]!)) end++
    if (char !== ',') yield text.slice(at, end)
    at = end
  }
}

/** Behind the string that opens here; the end of the text when it does not close. */
function endOf(text: string, open: number): number {
  const end = stringEnd(text, open)
  return end < 0 ? text.length : end + 1
}

/** Only for text that has been parsed, so that the literal is good. */
function shortest(literal: string): string {
  return JSON.stringify(JSON.parse(literal))
}
