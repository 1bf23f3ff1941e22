/** A JSON text with the value at `path` changed or, with undefined, left out. */
export function edited(text: string, path: readonly string[], value: unknown): string {
  const whole = JSON.parse(text)
  let holder = whole
  for (const key of path.slice(0, -1)) {
    holder[key] ??= {}
    holder = holder[key]
  }
  holder[path.at(-1)!] = value
  return JSON.stringify(whole)
}

const place = '@@ the place @@'

/** The same with a value in a spelling of its own, which `JSON.stringify` would not keep: `1.0`, `1e400`, repeated keys, a hundred thousand brackets. */
export function spelt(text: string, path: readonly string[], json: string): string {
  // A function: in a text `$&` would mean something.
  return edited(text, path, place).replace(`"${place}"`, () => json)
}
