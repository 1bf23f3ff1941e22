/** A parsed JSON object. Only constant keys are looked up in it, none of which any prototype has, so plain access is safe. */
export type JsonObject = Readonly<Record<string, unknown>>

const nothing: JsonObject = Object.freeze({})

/** A container that is not there, or is no object, holds nothing: whoever needs a value in it reports that value as absent. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : nothing
}

/** The object that a text is, or undefined. Nesting too deep for the parser counts as no JSON. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

/** Half of a surrogate pair, which only an escape can bring, is U+FFFD: UTF-8 has no bytes for it, and each encoder would write others. */
export const wellFormed = (value: string): string => value.toWellFormed()

/** Ids are text, or integers that a double holds exactly: a larger one would have lost digits before anybody could compare it. */
export function idText(value: unknown): string | undefined {
  if (typeof value === 'string') return wellFormed(value)
  return Number.isSafeInteger(value) ? String(value) : undefined
}
