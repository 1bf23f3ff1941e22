/**
 * Finds values in JSON text without parsing it, so that they can be kept exactly as written.
 * One pass, no recursion but into wanted paths, so any nesting is walked; of a repeated key the last counts, as in `JSON.parse`.
 */

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const backslash = 0x5c
const openObject = 0x7b
const closeObject = 0x7d
const openArray = 0x5b
const closeArray = 0x5d

/** One step of a wanted path: `slot` is where its own text goes, -1 = nowhere. */
export interface Wanted {
  readonly key: string
  readonly slot: number
  readonly inside: readonly Wanted[]
}

/** Turns paths into a tree that one pass answers; path i fills slot i. */
export function wantedPaths(paths: readonly (readonly string[])[]): readonly Wanted[] {
  const level = (depth: number, slots: readonly number[]): readonly Wanted[] =>
    [...new Set(slots.map(slot => paths[slot]![depth]!))].map(key => {
      const here = slots.filter(slot => paths[slot]![depth] === key)
      return {
        key,
        slot: here.find(slot => paths[slot]!.length === depth + 1) ?? -1,
        inside: level(
          depth + 1,
          here.filter(slot => paths[slot]!.length > depth + 1),
        ),
      }
    })
  return level(
    0,
    paths.map((_, slot) => slot),
  )
}

/** The text of each wanted value, or undefined. Text that is no JSON gives whatever was found before the damage. */
export function scanJson(text: string, wanted: readonly Wanted[], slots: number): readonly (string | undefined)[] {
  const scanner = new Scanner(text, slots)
  if (scanner.nextCode() === openObject) scanner.object(wanted)
  return scanner.found
}

/** The elements of an array as written, or undefined for anything else. */
export function scanElements(text: string): readonly string[] | undefined {
  const scanner = new Scanner(text, 0)
  return scanner.nextCode() === openArray ? scanner.elements() : undefined
}

class Scanner {
  readonly found: (string | undefined)[]
  private readonly text: string
  private readonly escapes: boolean
  private at = 0

  constructor(text: string, slots: number) {
    this.text = text
    this.found = new Array<string | undefined>(slots).fill(undefined)
    this.escapes = text.includes('\\')
  }

  /** Goes to the next character that is no white space; NaN at the end. */
  nextCode(): number {
    let code = this.text.charCodeAt(this.at)
    while (code <= 0x20 && isBlank(code)) code = this.text.charCodeAt(++this.at)
    return code
  }

  /** From `{` to behind its `}`; false = damaged. */
  object(wanted: readonly Wanted[]): boolean {
    this.at++
    if (this.nextCode() === closeObject) {
      this.at++
      return true
    }
    for (;;) {
      if (this.nextCode() !== quote) return false
      const open = this.at
      const end = stringEnd(this.text, open)
      if (end < 0) return false
      const match = this.match(wanted, open + 1, end)
      this.at = end + 1
      if (this.nextCode() !== colon) return false
      this.at++
      this.nextCode()
      if (!(match === undefined ? this.skip() : this.take(match))) return false
      const code = this.nextCode()
      this.at++
      if (code === closeObject) return true
      if (code !== comma) return false
    }
  }

  elements(): readonly string[] | undefined {
    const elements: string[] = []
    this.at++
    if (this.nextCode() === closeArray) return elements
    for (;;) {
      this.nextCode()
      const start = this.at
      if (!this.skip()) return undefined
      elements.push(this.text.slice(start, this.at))
      const code = this.nextCode()
      this.at++
      if (code === closeArray) return elements
      if (code !== comma) return undefined
    }
  }

  private match(wanted: readonly Wanted[], start: number, end: number): Wanted | undefined {
    const { text } = this
    for (const each of wanted) if (each.key.length === end - start && text.startsWith(each.key, start)) return each
    // The same key in another spelling: `"\u0061ctor"`.
    if (!this.escapes || wanted.length === 0 || !text.slice(start, end).includes('\\')) return undefined
    const key = decoded(text.slice(start - 1, end + 1))
    return wanted.find(each => each.key === key)
  }

  private take(wanted: Wanted): boolean {
    const start = this.at
    if (wanted.inside.length > 0) this.forget(wanted.inside)
    const inside = wanted.inside.length > 0 && this.text.charCodeAt(start) === openObject
    if (!(inside ? this.object(wanted.inside) : this.skip())) return false
    if (wanted.slot >= 0) this.found[wanted.slot] = this.text.slice(start, this.at)
    return true
  }

  /** A key comes again: what its earlier value held does not count any more. */
  private forget(wanted: readonly Wanted[]): void {
    for (const each of wanted) {
      if (each.slot >= 0) this.found[each.slot] = undefined
      this.forget(each.inside)
    }
  }

  /** Over one value of any kind; false = there is none, or it does not end. */
  private skip(): boolean {
    const { text } = this
    const code = text.charCodeAt(this.at)
    if (code === quote) {
      const end = stringEnd(text, this.at)
      this.at = end + 1
      return end > 0
    }
    if (code === openObject || code === openArray) return this.skipNested()
    const start = this.at
    for (; this.at < text.length; this.at++) {
      const next = text.charCodeAt(this.at)
      if (next === comma || next === closeObject || next === closeArray || isBlank(next)) break
    }
    return this.at > start
  }

  private skipNested(): boolean {
    const { text } = this
    let depth = 0
    for (let at = this.at; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === quote) {
        at = stringEnd(text, at)
        if (at < 0) return false
      } else if (code === openObject || code === openArray) depth++
      else if ((code === closeObject || code === closeArray) && --depth === 0) {
        this.at = at + 1
        return true
      }
    }
    return false
  }
}

/** Index of the quote that closes the string opened at `open`, or -1. */
export function stringEnd(text: string, open: number): number {
  let end = text.indexOf('"', open + 1)
  while (end > 0 && text.charCodeAt(end - 1) === backslash && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

/** An odd run of backslashes before it. The opening quote ends any run, so this stays inside of the string. */
function isEscaped(text: string, at: number): boolean {
  let run = at
  while (text.charCodeAt(run - 1) === backslash) run--
  return ((at - run) & 1) === 1
}

export const isBlank = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

function decoded(literal: string): unknown {
  try {
    return JSON.parse(literal)
  } catch {
    return undefined
  }
}
