import { instantMicros } from '../schemas/dataset-spec.js'
import type { Flag } from './command.js'

export function flag(about: string): Flag<boolean> {
  return { about, value: null, absent: false, parse: yesOrNo }
}

export function neededText(value: string, about: string): Flag<string> {
  return { about, value, absent: undefined, parse: filled }
}

export function text(value: string, about: string): Flag<string | null> {
  return { about, value, absent: null, parse: filled }
}

export function list(value: string, about: string): Flag<readonly string[]> {
  return { about, value, repeats: true, absent: [], parse: parts }
}

/** A comma-separated choice of `names`. */
export function choices<T extends string>(names: readonly T[], value: string, about: string): Flag<readonly T[] | null> {
  const parse = (given: string) => [...new Set(parts(given))].map(one => oneOf(names, one))
  return { about, value, repeats: true, absent: null, parse }
}

export function choice<T extends string>(names: readonly T[], value: string, about: string): Flag<T | null> {
  return { about, value, absent: null, parse: given => oneOf(names, given) }
}

export function wholeNumber<T extends number | null>(value: string, about: string, absent: T): Flag<T | number> {
  const parse = (given: string) => {
    const n = Number(given)
    if (!/^\d+$/.test(given) || !Number.isSafeInteger(n) || n < 1) throw new Error('must be a whole number, at least 1')
    return n
  }
  return { about, value, absent, parse }
}

/** Milliseconds since 1970. */
export function instant(value: string, about: string): Flag<number | null> {
  const parse = (given: string) => {
    const micros = instantMicros(given)
    if (micros === null) throw new Error('must be a date (2024-09-01) or an instant with its zone (2024-09-01T08:00:00Z)')
    return Math.floor(micros / 1000)
  }
  return { about, value, absent: null, parse }
}

export function yesOrNo(given: string): boolean {
  if (/^(1|true|yes|on)$/i.test(given)) return true
  if (/^(0|false|no|off)$/i.test(given)) return false
  throw new Error('must be true or false')
}

function filled(given: string): string {
  if (given === '') throw new Error('must not be empty')
  return given
}

function parts(given: string): string[] {
  const found = given
    .split(',')
    .map(part => part.trim())
    .filter(Boolean)
  if (found.length === 0) throw new Error('must not be empty')
  return found
}

function oneOf<T extends string>(names: readonly T[], given: string): T {
  const found = names.find(name => name === given)
  if (found === undefined) throw new Error(`${given} is not one of ${names.join(', ')}`)
  return found
}
