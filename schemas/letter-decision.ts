import { parseObject } from './json-value.js'

/** Topic `dead-letter-decisions`, key = dead-letter id: what somebody has decided about a dead letter. */
export interface LetterDecision {
  readonly state: 'replayed' | 'discarded'
  /** Of the bytes that it was decided about: the same line of another version of an object is not decided. */
  readonly sha256: string
  /** ISO. */
  readonly at: string
  readonly by: string
  /** Why it was discarded; null = replayed. */
  readonly reason: string | null
  /** The record that replays it, in the `xapi` topic of this id; null = discarded. */
  readonly xapi: { readonly topicId: string; readonly partition: number; readonly offset: number } | null
}

export function encodeDecision(decision: LetterDecision): Buffer {
  return Buffer.from(JSON.stringify(decision))
}

export function decodeDecision(value: Buffer): LetterDecision {
  const decision = parseObject(value.toString('utf8'))
  if (decision === undefined || (decision.state !== 'replayed' && decision.state !== 'discarded'))
    throw new TypeError('decoding dead-letter-decisions: neither replayed nor discarded')
  return decision as unknown as LetterDecision
}
