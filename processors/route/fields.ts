import type { Scalar } from '../../schemas/event.js'
import { idText, type JsonObject, wellFormed } from '../../schemas/json-value.js'
import type { Refusal, RefusalCode } from '../../schemas/refusal.js'

/**
 * What must be there.
 * `always`: in every profile. The others bind profile torus alone, in profile xapi all are optional:
 * `must`: there and not null. `nullable`: there, perhaps null. `optional`: perhaps not there.
 */
export type Need = 'always' | 'must' | 'nullable' | 'optional'

/** An object of the statement, and what to call it in a refusal. */
export interface Place {
  readonly where: string
  readonly values: JsonObject
}

/** As many digits as Avro's longs keep in JavaScript, whatever they are. */
const integer = /^-?\d{1,15}$/
const beyondIntegers = 1e15
/** Verb and object stand in every event that is derived from a statement, so what somebody sends must not decide the size of all of them. */
const longestIri = 8192

/**
 * Reads typed values and remembers the first that is wrong: a reader goes on with null, and whoever started it looks at
 * `refusal` in the end. Reasons name keys, never values: those are people's data.
 */
export class Fields {
  refusal: Refusal | null = null
  private readonly strict: boolean

  constructor(strict: boolean) {
    this.strict = strict
  }

  refuse(code: RefusalCode, reason: string): null {
    this.refusal ??= { code, reason }
    return null
  }

  text(place: Place, key: string, need: Need): string | null {
    const value = place.values[key]
    if (typeof value === 'string') return wellFormed(value)
    return value === undefined || value === null ? this.absent(value, place, key, need) : this.bad(place, key, 'text')
  }

  /** Which every statement has. */
  iri(place: Place, key: string): string {
    const value = this.text(place, key, 'always') ?? ''
    if (value.length > longestIri) this.bad(place, key, `text of at most ${longestIri} characters`)
    return value
  }

  id(place: Place, key: string, need: Need): string | null {
    const value = place.values[key]
    if (value === undefined || value === null) return this.absent(value, place, key, need)
    return idText(value) ?? this.bad(place, key, 'text or an exact integer')
  }

  /** Attempt numbers; as text too, as browsers send them. */
  integer(place: Place, key: string, need: Need): number | null {
    const value = place.values[key]
    if (value === undefined || value === null) return this.absent(value, place, key, need)
    const number = typeof value === 'string' && integer.test(value) ? Number(value) : value
    const exact = Number.isInteger(number) && Math.abs(number as number) < beyondIntegers
    return exact ? (number as number) : this.bad(place, key, 'an integer of at most 15 digits')
  }

  number(place: Place, key: string, need: Need): number | null {
    const value = place.values[key]
    if (value === undefined || value === null) return this.absent(value, place, key, need)
    return typeof value === 'number' && Number.isFinite(value) ? value : this.bad(place, key, 'a number')
  }

  scalar(place: Place, key: string, need: Need): Scalar {
    const value = place.values[key]
    return typeof value === 'string' ? wellFormed(value) : this.number(place, key, need)
  }

  /** The text of a JSON list, as written; null when the statement has null. */
  list(place: Place, key: string, need: Need, written: string | undefined): string | null {
    const value = place.values[key]
    if (value === undefined || value === null) return this.absent(value, place, key, need)
    return Array.isArray(value) ? (written ?? null) : this.bad(place, key, 'a list')
  }

  /** The text of any JSON, as written; null when the statement has null. */
  json(place: Place, key: string, need: Need, written: string | undefined): string | null {
    const value = place.values[key]
    return value === undefined || value === null ? this.absent(value, place, key, need) : (written ?? null)
  }

  private absent(value: undefined | null, place: Place, key: string, need: Need): null {
    const wrong = need === 'always' || (this.strict && (need === 'must' || (need === 'nullable' && value === undefined)))
    return wrong ? this.refuse('missing_key', `${nameOf(place, key)} is ${value === null ? 'null' : 'absent'}`) : null
  }

  private bad(place: Place, key: string, expected: string): null {
    return this.refuse('bad_value', `${nameOf(place, key)} is not ${expected}`)
  }
}

/** `context.extensions page_id`: the last step of an IRI says enough. */
function nameOf(place: Place, key: string): string {
  return `${place.where} ${key.slice(key.lastIndexOf('/') + 1)}`
}
