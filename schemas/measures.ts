import type { Kind } from './event.js'

/** What a learner did, all in all or in one session: counts and sums that hang neither on the order of events nor on repeats. */
export interface Measures {
  /** Times of the first and the last event, microseconds since 1970. */
  readonly first: number
  readonly last: number
  /** Different events by kind; kinds that did not occur are absent. Each evaluation of an attempt is an event. */
  readonly events: Readonly<Partial<Record<Kind, number>>>
  /** Different part attempts. Of several evaluations of one, only that with the greatest (time, event id) counts, here and below. */
  readonly partsAttempted: number
  /** Those with all points of more than none. */
  readonly partsCorrect: number
  /** Sums over part attempts that have both, in millionths of a point. */
  readonly score: number
  readonly outOf: number
  /** Hints of part attempts. */
  readonly hints: number
  /** Different pages viewed. */
  readonly pages: number
  /** Milliseconds of videos that were played, each moment of a video once. */
  readonly watchedMs: number
}
