import { isBlank } from '../../schemas/json-scan.js'
import { isCanonical } from './canonical.js'
import { type JsonStyle, jsonString, readString } from './json-string.js'
import { pythonNumber } from './number-text.js'

/**
 * JSON text rewritten compactly, without JSON.parse, which turns `1.0` into `1`, rounds long integers and moves keys like "10" to the
 * front. Of repeated keys the last value stands at the place of the first (a Map and a Python dict agree). Nesting costs heap, not stack,
 * and time is linear: no answer, however deep or long, stops a sink. Text that is no JSON (route lets none through) becomes a JSON string.
 */
export function rewriteJson(json: string, style: JsonStyle): string {
  if (isCanonical(json)) return json
  return rewritten(json, style) ?? jsonString(json, style)
}

/** An open object or array: the text of what it holds so far. */
type Frame = { readonly members: Map<string, string>; key: string } | { readonly members: null; items: string }

function rewritten(json: string, style: JsonStyle): string | null {
  const stack: Frame[] = []
  let at = 0
  for (;;) {
    at = afterSpace(json, at)
    const opening = json[at]
    let value: string
    if (opening === '{' || opening === '[') {
      at = afterSpace(json, at + 1)
      if (json[at] !== (opening === '{' ? '}' : ']')) {
        const frame: Frame = opening === '{' ? { members: new Map(), key: '' } : { members: null, items: '' }
        stack.push(frame)
        at = toValue(frame, json, at, style)
        if (at < 0) return null
        continue
      }
      at++
      value = opening === '{' ? '{}' : '[]'
    } else {
      const scalar = opening === '"' ? readString(json, at, style) : readWord(json, at, style)
      if (scalar === null) return null
      value = scalar.text
      at = scalar.end
    }
    // The value goes into its frame; frames that end here are values themselves.
    for (;;) {
      const frame = stack.at(-1)
      at = afterSpace(json, at)
      if (frame === undefined) return at === json.length ? value : null
      put(frame, value)
      const next = json[at++]
      if (next === ',') {
        at = toValue(frame, json, at, style)
        if (at < 0) return null
        break
      }
      if (next !== (frame.members === null ? ']' : '}')) return null
      value = frameText(frame)
      stack.pop()
    }
  }
}

function put(frame: Frame, value: string): void {
  if (frame.members === null) frame.items += frame.items === '' ? value : `,${value}`
  else frame.members.set(frame.key, value)
}

/** To where the next value begins: in an object behind the key and its colon; -1 = there are none. */
function toValue(frame: Frame, json: string, at: number, style: JsonStyle): number {
  if (frame.members === null) return at
  const start = afterSpace(json, at)
  const key = json[start] === '"' ? readString(json, start, style) : null
  if (key === null) return -1
  frame.key = key.text
  const colon = afterSpace(json, key.end)
  return json[colon] === ':' ? colon + 1 : -1
}

function frameText(frame: Frame): string {
  if (frame.members === null) return `[${frame.items}]`
  let text = ''
  for (const [key, value] of frame.members) text += `${text === '' ? '{' : ','}${key}:${value}`
  return `${text}}`
}

const word = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

function readWord(json: string, at: number, style: JsonStyle) {
  word.lastIndex = at
  const text = word.exec(json)?.[0]
  if (text === undefined) return null
  return { text: style === 'bare' || text > ':' ? text : pythonNumber(text), end: at + text.length }
}

function afterSpace(json: string, at: number): number {
  while (isBlank(json.charCodeAt(at))) at++
  return at
}
