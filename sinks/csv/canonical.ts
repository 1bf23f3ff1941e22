const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const zero = 0x30
const nine = 0x39
const colon = 0x3a
const openArray = 0x5b
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/** Escapes, line breaks and everything beyond ASCII. Blanks, fractions and exponents are met on the way. */
const unusual = /[\\]|[^ -~]/
/** More are rare, and comparing each with the others would cost more than rewriting. */
const fewKeys = 16

/**
 * True when rewriting would give the very same text in either style: most answers are written so already, and to know it saves a third of
 * a row's time. Any doubt is a no: blanks, escapes, fractions, many or repeated keys, text that is no JSON.
 */
export function isCanonical(json: string): boolean {
  if (unusual.test(json)) return false
  const keys: string[] = []
  /** Of every open object where its keys begin, of every open array -1. */
  const bases: number[] = []
  let at = 0
  for (;;) {
    const code = json.charCodeAt(at)
    if (code === openObject || code === openArray) {
      bases.push(code === openObject ? keys.length : -1)
      at++
      if (json.charCodeAt(at) !== (code === openObject ? closeObject : closeArray)) {
        if (code === openObject) at = afterKey(json, at, keys, keys.length)
        if (at < 0) return false
        continue
      }
    } else {
      at = afterScalar(json, at, code)
      if (at < 0) return false
    }
    // Behind a value: closing brackets, then a comma and on to the next value, or the end.
    for (;;) {
      const base = bases.at(-1)
      if (base === undefined) return at === json.length
      const next = json.charCodeAt(at++)
      if (next === comma) {
        if (base >= 0) at = afterKey(json, at, keys, base)
        if (at < 0) return false
        break
      }
      if (next !== (base >= 0 ? closeObject : closeArray)) return false
      if (base >= 0) keys.length = base
      bases.pop()
    }
  }
}

/** Behind the colon of a key that its object, whose keys begin at `base`, does not have yet; else -1. */
function afterKey(json: string, at: number, keys: string[], base: number): number {
  const end = json.charCodeAt(at) === quote ? json.indexOf('"', at + 1) : -1
  if (end < 0 || json.charCodeAt(end + 1) !== colon || keys.length - base >= fewKeys) return -1
  const key = json.slice(at + 1, end)
  if (keys.includes(key, base)) return -1
  keys.push(key)
  return end + 2
}

/** Behind a string, an integer or a word; else -1. */
function afterScalar(json: string, at: number, code: number): number {
  if (code === quote) return json.indexOf('"', at + 1) + 1 || -1
  if (code === zero) return at + 1
  let end = code === minus ? at + 1 : at
  if (isDigit(json.charCodeAt(end)) && json.charCodeAt(end) !== zero) {
    do end++
    while (isDigit(json.charCodeAt(end)))
    return end
  }
  for (const word of ['null', 'true', 'false']) if (json.startsWith(word, at)) return at + word.length
  return -1
}

const isDigit = (code: number) => code >= zero && code <= nine
