import type { Kind, Profile } from '../../schemas/event.js'
import type { JsonObject } from '../../schemas/json-value.js'
import type { Place } from './fields.js'

/** Everything the makers of events need of a statement, looked up once. */
export interface Statement {
  readonly text: string
  readonly parsed: JsonObject
  readonly kind: Kind
  readonly profile: Profile
  readonly section: string
  readonly host: string
  readonly learner: string
  readonly verb: string
  readonly object: string
  readonly at: number
  readonly definition: Place
  /** context.extensions */
  readonly context: Place
  readonly result: Place
  /** result.extensions */
  readonly resultExtensions: Place
}

/** Stands in an event until all its other fields are known and can be hashed. */
export const noId = ''
