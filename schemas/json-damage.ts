import { isBlank } from './json-scan.js'

/** Where text stops being JSON, and what should stand there. */
export interface JsonDamage {
  readonly at: number
  readonly expected: string
}

/** Behind which what may follow. */
type Awaited = 'value' | 'value or ]' | 'key or }' | 'key' | ':' | ', or }' | ', or ]' | 'end'

const says: Readonly<Record<Awaited, string>> = {
  value: 'a value',
  'value or ]': 'a value or ]',
  'key or }': 'a quoted key or }',
  key: 'a quoted key',
  ':': ':',
  ', or }': ', or }',
  ', or ]': ', or ]',
  end: 'the end',
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const literals = ['true', 'false', 'null']

/** Null = it is JSON. Says what `JSON.parse` would, with the place, and without its limit of nesting. */
export function jsonDamage(text: string): JsonDamage | null {
  const open: ('{' | '[')[] = []
  let awaited: Awaited = 'value'
  let at = 0
  const afterValue = (): Awaited => (open.length === 0 ? 'end' : open.at(-1) === '{' ? ', or }' : ', or ]')
  for (;;) {
    while (isBlank(text.charCodeAt(at))) at++
    if (at === text.length) return awaited === 'end' ? null : { at, expected: says[awaited] }
    const char = text[at]!
    const closes = (char === '}' && awaited.endsWith('}')) || (char === ']' && awaited.endsWith(']'))
    if (closes) {
      open.pop()
      awaited = afterValue()
      at++
    } else if (awaited.startsWith('value')) {
      if (char === '{' || char === '[') {
        open.push(char)
        awaited = char === '{' ? 'key or }' : 'value or ]'
        at++
      } else {
        const end = char === '"' ? behindString(text, at) : behindScalar(text, at)
        if (typeof end !== 'number') return end
        if (end === at) return { at, expected: says[awaited] }
        at = end
        awaited = afterValue()
      }
    } else if (awaited.startsWith('key')) {
      if (char !== '"') return { at, expected: says[awaited] }
      const end = behindString(text, at)
      if (typeof end !== 'number') return end
      at = end
      awaited = ':'
    } else if (awaited === ':' && char === ':') {
      awaited = 'value'
      at++
    } else if (char === ',' && awaited.startsWith(',')) {
      awaited = awaited === ', or }' ? 'key' : 'value'
      at++
    } else return { at, expected: says[awaited] }
  }
}

/** Behind a number or literal; `at` itself = there is none. */
function behindScalar(text: string, at: number): number {
  const literal = literals.find(each => text.startsWith(each, at))
  if (literal !== undefined) return at + literal.length
  number.lastIndex = at
  return number.test(text) ? number.lastIndex : at
}

/** Behind the string that opens here, or its damage. */
function behindString(text: string, open: number): number | JsonDamage {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at + 1
    if (code < 0x20) return { at, expected: 'an escape: control characters cannot stand in a string' }
    if (code !== 0x5c) continue
    at++
    if (at === text.length) break
    if (text[at] === 'u') {
      const hex = /^[0-9a-fA-F]*/.exec(text.slice(at + 1, at + 5))![0].length
      if (hex < 4) return { at: Math.min(at + 1 + hex, text.length), expected: 'four hex digits' }
      at += 4
    } else if (!'"\\/bfnrt'.includes(text[at]!)) return { at, expected: 'one of "\\/bfnrtu behind a backslash' }
  }
  return { at: text.length, expected: 'a closing quote' }
}
