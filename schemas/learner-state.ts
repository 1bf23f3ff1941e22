import type { Measures } from './measures.js'

/** A record of `state.learners`, key = learner key: all that a learner did in a section. */
export interface LearnerState extends Measures {
  readonly section: string
  readonly host: string
  readonly learner: string
  /** Days in UTC with at least one event. */
  readonly activeDays: number
  /** As in `state.sessions`. */
  readonly sessions: number
}
