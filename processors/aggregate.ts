import type { Event } from '../schemas/event.js'
import type { EventTopicId, StateTopicId } from '../schemas/topics.js'
import type { Processor } from './processor.js'

/** What can be remembered: values that survive JSON. They are never changed, only replaced. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** What an aggregate remembers of each learner, under keys of its own. `learner` is the learner key. */
export interface Remembered {
  get<Value extends Json>(learner: string, key: string): Value | undefined
}

/**
 * The same, to be changed: a view of the task's store that nobody else sees before the commit. A value is written again as a whole when
 * anything in it changes, so none may grow with the number of events; keys may be as many as it takes.
 */
export interface Memory extends Remembered {
  put(learner: string, key: string, value: Json): void
  delete(learner: string, key: string): void
}

export interface AggregateInput {
  /** Learner key. */
  readonly key: string
  /** Of the event, 32 hex digits. */
  readonly id: string
  readonly event: Event
}

/** Keys of state topics to look at. */
export type Changed = Readonly<Partial<Record<StateTopicId, readonly string[]>>>

/**
 * A fold over all events of a learner: independent of their order and of repeats, since history and live events come as they come.
 * Its state topics hold under every key what `output` says, a function of what is remembered; `step` only names the keys to look at.
 *
 * ```ts
 * for (const event of events) note(engagement.step({ key, id, event }, memory)['state.learners'])
 * for (const key of noted) state.set(key, engagement.output('state.learners', key, memory))
 * ```
 */
export interface Aggregate extends Processor<AggregateInput, Memory, Changed> {
  readonly from: readonly EventTopicId[]
  /** Written by this aggregate alone. */
  readonly to: readonly StateTopicId[]
  /** Of the values that are remembered: another shape is another version. */
  readonly version: number
  /** Version n → what makes a value of version n + 1 of one of version n. */
  readonly upgrades: Readonly<Record<number, (key: string, value: Json) => Json>>
  /** The record under this key of a state topic; null = there is none (any more). */
  output(topic: StateTopicId, key: string, memory: Remembered): object | null
}
