/** An object of a parsed statement. */
export type Json = Readonly<Record<string, unknown>>

/** What is no object holds nothing. */
export const part = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

/** Half of a surrogate pair, which an escape can bring, is what it is in UTF-8: U+FFFD. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value.toWellFormed() : null)

/** Text, or an integer that a double holds exactly. */
export const idOf = (value: unknown): string | null => (Number.isSafeInteger(value) ? String(value) : textOf(value))

/** Attempt numbers, which browsers send as text too. */
export function countOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) ? (number as number) : null
}

/** A number stays a number, text text. */
export const scalarOf = (value: unknown): string | number | null => (typeof value === 'number' ? value : textOf(value))
