import type { AttemptEvent } from '../../schemas/event.js'
import { scanElements } from '../../schemas/json-scan.js'
import type { AggregateInput, Memory } from '../aggregate.js'

/** What the evaluation of a part that counts adds to the sums; scores in millionths of a point. */
export interface Part {
  readonly correct: number
  readonly score: number
  readonly outOf: number
  readonly hints: number
}

/** What an event changes: an evaluation that counts from now on, and the one that it takes the place of. */
export interface Evaluated {
  readonly part: Part
  readonly before: { readonly part: Part; readonly session: number } | null
}

/** The evaluation of one guid that counts, and the session in which it does. */
type Evaluation = readonly [at: number, id: string, session: number, correct: number, score: number, outOf: number, hints: number]

/** More than a thousand million points are no score, and sums of them would not be exact. */
const mostPoints = 1e9

/**
 * Of several evaluations of a part attempt the one with the greatest (time, event id) counts, whichever came first. Null = it is no part
 * attempt, or a later evaluation is known. Without a guid nothing says that two are of one attempt.
 */
export function evaluate(memory: Memory, { key: learner, id, event }: AggregateInput, session: number): Evaluated | null {
  if (event.kind !== 'part_attempt') return null
  const part = partOf(event as AttemptEvent)
  const guid = (event as AttemptEvent).partAttemptGuid
  if (!guid) return { part, before: null }
  const key = `part|${guid}`
  const known = memory.get<Evaluation>(learner, key)
  if (known !== undefined && (known[0] > event.at || (known[0] === event.at && known[1] >= id))) return null
  const evaluation: Evaluation = [event.at, id, session, part.correct, part.score, part.outOf, part.hints]
  memory.put(learner, key, evaluation)
  return { part, before: known === undefined ? null : before(known) }
}

function before([, , session, correct, score, outOf, hints]: Evaluation) {
  return { part: { correct, score, outOf, hints }, session }
}

function partOf({ score, outOf, hints }: AttemptEvent): Part {
  const scored = score !== null && outOf !== null
  const counts = scored && Math.abs(score) <= mostPoints && Math.abs(outOf) <= mostPoints
  return {
    correct: scored && outOf > 0 && score === outOf ? 1 : 0,
    score: counts ? Math.round(score * 1e6) : 0,
    outOf: counts ? Math.round(outOf * 1e6) : 0,
    hints: hintsIn(hints),
  }
}

function hintsIn(list: string | null): number {
  return list === null || list === '[]' ? 0 : (scanElements(list)?.length ?? 0)
}
