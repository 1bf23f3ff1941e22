import { noRunCounts } from '../../producers/object-counts.js'
import type { RunCounts } from '../../schemas/sources.js'
import { type FollowSum, type MessageOutcome, messageOutcomes } from './request.js'

/** What was done since the start, over everything that broke and went on in between. */
export interface Tally {
  /** Of objects that are in the ledger. */
  counts: RunCounts
  gone: number
  left: number
  readonly messages: Record<MessageOutcome, number>
}

export function newTally(): Tally {
  const messages = Object.fromEntries(messageOutcomes.map(outcome => [outcome, 0])) as Record<MessageOutcome, number>
  return { counts: noRunCounts, gone: 0, left: 0, messages }
}

export function sumOf({ counts, gone, left, messages }: Tally, id: string, byQueue: boolean, seconds: number): FollowSum {
  const { objects, bytes, lines, blank, published, refused } = counts
  return { id, objects, bytes, lines, blank, published, refused, gone, left, messages: byQueue ? messages : null, seconds }
}
