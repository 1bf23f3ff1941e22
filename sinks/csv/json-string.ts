/**
 * `python`: as `json.dumps` prints, ASCII only. `bare`: shortest escapes. Both are canonical: equal strings give equal text, however they
 * were written.
 */
export type JsonStyle = 'python' | 'bare'

/** A JSON string read in place: its text in the wanted style and the position behind it; null when it is not closed or badly escaped. */
export interface ReadString {
  readonly text: string
  readonly end: number
}

/** Reads the string whose opening quote is at `start`. Runs that stay as they are are copied whole. */
export function readString(json: string, start: number, style: JsonStyle): ReadString | null {
  const plainUpTo = style === 'python' ? 0x7e : 0xffff
  let text = '"'
  let copied = start + 1
  let surrogates = false
  for (let at = copied; at < json.length; at++) {
    const unit = json.charCodeAt(at)
    if (unit === quotes) {
      text += `${json.slice(copied, at)}"`
      return { text: surrogates ? escapeLone(text) : text, end: at + 1 }
    }
    if (unit !== backslash && unit >= 0x20 && unit <= plainUpTo) continue
    text += json.slice(copied, at)
    let meant = unit
    if (unit === backslash) {
      at++
      meant = escapedUnit(json, at)
      if (Number.isNaN(meant)) return null
      if (json.charCodeAt(at) === letterU) at += 4
    }
    if (meant >= 0xd800 && meant <= 0xdfff) surrogates = style === 'bare'
    text += unitText(meant, plainUpTo)
    copied = at + 1
  }
  return null
}

/** Text that is not inside JSON yet, as a JSON string. */
export function jsonString(plain: string, style: JsonStyle): string {
  const inner = plain.replace(style === 'python' ? notPlainAscii : notPlain, unit =>
    unitText(unit.charCodeAt(0), style === 'python' ? 0x7e : 0xffff),
  )
  return style === 'python' ? `"${inner}"` : escapeLone(`"${inner}"`)
}

/** What a JSON string's text (with its quotes) says. */
export function decodeString(text: string): string {
  let plain = ''
  let copied = 1
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', copied)) {
    plain += text.slice(copied, at) + String.fromCharCode(escapedUnit(text, at + 1))
    copied = at + (text.charCodeAt(at + 1) === letterU ? 6 : 2)
  }
  return plain + text.slice(copied, -1)
}

const quotes = 0x22
const backslash = 0x5c
const letterU = 0x75
const shortEscapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\b', '\\b'],
  ['\f', '\\f'],
])
const escapes = new Map([...shortEscapes].map(([plain, text]) => [text[1]!, plain]))
const notPlainAscii = /["\\]|[^\x20-\x7e]/g
const notPlain = /["\\]|[^\x20-\uffff]/g

/** The code unit that the escape with its letter at `at` stands for; NaN when there is no such escape. */
function escapedUnit(json: string, at: number): number {
  const letter = json.charAt(at)
  if (letter === '/') return 0x2f
  if (letter !== 'u') return escapes.get(letter)?.charCodeAt(0) ?? Number.NaN
  const digits = json.slice(at + 1, at + 5)
  return /^[\da-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN
}

function unitText(unit: number, plainUpTo: number): string {
  const char = String.fromCharCode(unit)
  return shortEscapes.get(char) ?? (unit < 0x20 || unit > plainUpTo ? `\\u${unit.toString(16).padStart(4, '0')}` : char)
}

/** UTF-8 has no lone surrogates: printed raw they would all become U+FFFD. */
function escapeLone(text: string): string {
  return text.replace(/\p{Surrogate}/gu, unit => `\\u${unit.charCodeAt(0).toString(16)}`)
}
