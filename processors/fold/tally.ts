import { type Event, type Kind, kinds } from '../../schemas/event.js'
import type { Measures } from '../../schemas/measures.js'
import type { Part } from './part-attempts.js'

/**
 * `Measures` while they are summed up. A sum of points is kept as whole points and millionths, both far from where doubles are not
 * exact: rounded sums would hang on the order of what is added.
 */
export type Tally = {
  readonly first: number
  readonly last: number
  /** Events by kind, in the order of `kinds`, which new ones are added to at the end. */
  readonly events: readonly number[]
  readonly partsAttempted: number
  readonly partsCorrect: number
  readonly score: Points
  readonly outOf: Points
  readonly hints: number
  readonly pages: number
  readonly watchedMs: number
}
type Points = readonly [whole: number, millionths: number]

/** Avro in JavaScript keeps longs in this range only. */
const leastLong = -(2 ** 52)
const greatestLong = 2 ** 53 - 2

const none: Points = [0, 0]
const kindIndex: ReadonlyMap<Kind, number> = new Map(kinds.map((kind, i) => [kind, i]))

export function emptyTally(at: number): Tally {
  return {
    first: at,
    last: at,
    events: [],
    partsAttempted: 0,
    partsCorrect: 0,
    score: none,
    outOf: none,
    hints: 0,
    pages: 0,
    watchedMs: 0,
  }
}

/** One event more, and what was new in it: pages, moments of a video, an evaluation of a part that counts. */
export function withEvent(tally: Tally, { at, kind }: Event, pages: number, watchedMs: number, part: Part | null): Tally {
  const events = tally.events.slice()
  const index = kindIndex.get(kind)
  if (index === undefined) throw new RangeError(`counting an event of kind ${kind}, which a later release has made`)
  while (events.length <= index) events.push(0)
  events[index]!++
  return {
    first: Math.min(tally.first, at),
    last: Math.max(tally.last, at),
    events,
    partsAttempted: part === null ? tally.partsAttempted : tally.partsAttempted + 1,
    partsCorrect: part === null ? tally.partsCorrect : tally.partsCorrect + part.correct,
    score: part === null ? tally.score : plus(tally.score, part.score),
    outOf: part === null ? tally.outOf : plus(tally.outOf, part.outOf),
    hints: part === null ? tally.hints : tally.hints + part.hints,
    pages: tally.pages + pages,
    watchedMs: tally.watchedMs + watchedMs,
  }
}

/** The evaluation of a part does not count here any more. */
export function withoutPart(tally: Tally, { correct, score, outOf, hints }: Part): Tally {
  return {
    ...tally,
    partsAttempted: tally.partsAttempted - 1,
    partsCorrect: tally.partsCorrect - correct,
    score: plus(tally.score, -score),
    outOf: plus(tally.outOf, -outOf),
    hints: tally.hints - hints,
  }
}

/** Of two sessions that are one. Pages and videos that both saw count once: so many more than `a` has the caller says. */
export function united(a: Tally, b: Tally, pages: number, watchedMs: number): Tally {
  return {
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    events: kinds.map((_, i) => (a.events[i] ?? 0) + (b.events[i] ?? 0)),
    partsAttempted: a.partsAttempted + b.partsAttempted,
    partsCorrect: a.partsCorrect + b.partsCorrect,
    score: [a.score[0] + b.score[0], a.score[1] + b.score[1]],
    outOf: [a.outOf[0] + b.outOf[0], a.outOf[1] + b.outOf[1]],
    hints: a.hints + b.hints,
    pages: a.pages + pages,
    watchedMs: a.watchedMs + watchedMs,
  }
}

export function eventsOf(tally: Tally): number {
  return tally.events.reduce((sum, count) => sum + count, 0)
}

/** Field by field: spreading an object with large numbers takes V8 microseconds (measured: 5, against 0.02). */
export function measuresOf(tally: Tally): Measures {
  const events: Partial<Record<Kind, number>> = {}
  for (let i = 0; i < tally.events.length; i++) if (tally.events[i]! > 0) events[kinds[i]!] = tally.events[i]!
  return {
    first: tally.first,
    last: tally.last,
    events,
    partsAttempted: tally.partsAttempted,
    partsCorrect: tally.partsCorrect,
    score: millionths(tally.score),
    outOf: millionths(tally.outOf),
    hints: tally.hints,
    pages: tally.pages,
    watchedMs: tally.watchedMs,
  }
}

function plus(points: Points, millionths: number): Points {
  return millionths === 0 ? points : [points[0] + Math.trunc(millionths / 1e6), points[1] + (millionths % 1e6)]
}

function millionths([whole, part]: Points): number {
  return Math.min(greatestLong, Math.max(leastLong, whole * 1e6 + part))
}
