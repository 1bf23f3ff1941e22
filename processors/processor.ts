import type { TopicId } from '../schemas/topics.js'

/**
 * What all processors have in common. A processor is a value with a pure `step`: no client, no clock, no state of its own;
 * what it has to remember is asked for in the context, so that the loop can stage it with the transaction.
 *
 * ```ts
 * const outcomes = records.map(record => route.step(record, { partitions: 12, maxBytes: 4 << 20, seen: key => store.has(key) }))
 * ```
 */
export interface Processor<Input, Context, Outcome> {
  readonly name: string
  readonly from: readonly TopicId[]
  readonly to: readonly TopicId[]
  step(input: Input, context: Context): Outcome
}
