import { instantText } from './dataset-spec.js'
import type { Measures } from './measures.js'

/**
 * A record of `state.sessions`: events of a learner in a section with no more than 30 minutes between one and the next, and
 * whatever shares a source session id with them. A session is gone (tombstone) when an earlier event moved its beginning or joined it to another.
 */
export interface SessionState extends Measures {
  readonly section: string
  readonly host: string
  readonly learner: string
  /** The platform's ids for it, at most 50, the first in order of UTF-16 units. */
  readonly sourceSessions: readonly string[]
  /** How many there are. */
  readonly sourceSessionCount: number
}

/** `145|torus.example.edu|4201|2025-01-13T08:00:00Z` */
export function sessionKey(learnerKey: string, first: number): string {
  return `${learnerKey}|${instantText(first)}`
}
