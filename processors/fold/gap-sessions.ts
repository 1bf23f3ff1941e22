import { TributaryError } from '../../schemas/errors.js'
import type { Event } from '../../schemas/event.js'
import type { AggregateInput, Memory, Remembered } from '../aggregate.js'
import { memberOf, noTexts, type TextSet, withMember } from './text-set.js'

const minute = 60_000_000
const gap = 30 * minute
const dayLength = 24 * 60 * minute
/** Digits of an event id: among the events of one learner and day 64 bits are as good as all of it. */
const idDigits = 16

/**
 * One UTC day of a learner: clusters of events that no gap divides, in order. As gaps lie between them there are never more than 48; one
 * that goes on over midnight is one in each day. And which events these were, so that a repeat is known.
 */
type Day = { readonly clusters: readonly Cluster[]; readonly events: TextSet }
/** With the session that it belongs to, and the last source session id that is known to belong there too. */
type Cluster = readonly [first: number, last: number, session: number, source: string]

/** What an event did to its learner's sessions. */
export interface Placed {
  readonly session: number
  /** Sessions that became one with it: they are no more. */
  readonly absorbed: readonly number[]
  readonly begins: boolean
  readonly newDay: boolean
  /** The source session id, when no event had it before. */
  readonly newSource: string | null
}

/** What placing has to know of sessions, which it knows by numbers only. */
export interface Sessions {
  /** For one that begins: higher than all there were. */
  readonly next: number
  /** Whether it is still one of its own. */
  isThere(session: number): boolean
  /** Which of several stays: that to which most belongs, so that little has to be moved. */
  weight(session: number): number
}

/**
 * Sessions: what at most 30 minutes part, and what has one source session id, belongs together. So a session is a connected
 * component; other sessions may lie between its parts. Events come in any order: they widen sessions and join them, and never part them.
 * A session that is no more points to the one that took it in, so whoever remembers its number need not be told.
 *
 * Null = the event came before.
 */
export function place(memory: Memory, { key: learner, id, event }: AggregateInput, sessions: Sessions): Placed | null {
  const { at } = event
  const number = dayOf(at)
  const key = dayKey(number)
  const known = memory.get<Day>(learner, key)
  const { clusters, events } = known ?? nothingYet
  const withThis = withMember(memory, learner, `${key}|`, events, id.slice(0, idDigits))
  if (withThis === null) return null

  let low = 0
  while (low < clusters.length && clusters[low]![1] < at - gap) low++
  let high = low
  const near: number[] = []
  while (high < clusters.length && clusters[high]![0] <= at + gap) near.push(clusters[high++]![2])
  if (at - gap < number * dayLength) addNear(near, memory, learner, number - 1, at)
  if (at + gap >= (number + 1) * dayLength) addNear(near, memory, learner, number + 1, at)
  const source = sourceOf(event)
  const member = source === null ? '' : memberOf(source)
  // Most events have the source of the one before, and that is known to be in the same session.
  const asks = source !== null && (near.length !== 1 || high === low || clusters[low]![3] !== member)
  const named = asks ? memory.get<number>(learner, `source|${member}`) : undefined
  if (named !== undefined) near.push(named)

  const { session, absorbed } = joinAll(memory, learner, near, sessions)
  if (asks && named !== session) memory.put(learner, `source|${member}`, session)
  const cluster: Cluster =
    high === low
      ? [at, at, session, member]
      : [Math.min(clusters[low]![0], at), Math.max(clusters[high - 1]![1], at), session, member === '' ? clusters[low]![3] : member]
  const next = clusters.slice()
  next.splice(low, high - low, cluster)
  memory.put(learner, key, { clusters: next, events: withThis })
  return {
    session,
    absorbed,
    begins: near.length === 0,
    newDay: known === undefined,
    newSource: asks && named === undefined ? source : null,
  }
}

/** The session that had an event at this instant. */
export function sessionAt(memory: Remembered, learner: string, at: number, sessions: Pick<Sessions, 'isThere'>): number | null {
  const cluster = memory.get<Day>(learner, dayKey(dayOf(at)))?.clusters.find(([first, last]) => first <= at && at <= last)
  return cluster === undefined ? null : nowIn(memory, learner, cluster[2], sessions)
}

/** The session that this one is now, or is in. A memory that was restored in part lacks the end of the chain. */
export function nowIn(memory: Remembered, learner: string, session: number, { isThere }: Pick<Sessions, 'isThere'>): number {
  let now = session
  while (!isThere(now)) {
    const next = memory.get<number>(learner, joinedKey(now))
    if (next === undefined) throw new TributaryError('RESTORE_SHORT', `session ${now} of a learner is neither there nor joined to another`)
    now = next
  }
  return now
}

const nothingYet: Day = { clusters: [], events: noTexts }
const dayOf = (at: number) => Math.floor(at / dayLength)
const dayKey = (day: number) => `day|${day}`
const joinedKey = (session: number) => `joined|${session}`

/** Attempts tell the session of the platform, videos that of the player. An empty one is none. */
function sourceOf(event: Event): string | null {
  return ('session' in event && event.session) || null
}

/** Sessions on the other side of midnight. */
function addNear(near: number[], memory: Memory, learner: string, day: number, at: number): void {
  for (const [first, last, session] of memory.get<Day>(learner, dayKey(day))?.clusters ?? [])
    if (first <= at + gap && at - gap <= last) near.push(session)
}

const nobody: readonly number[] = []

/** Makes one session of all these; of none a new one. */
function joinAll(memory: Memory, learner: string, near: readonly number[], sessions: Sessions) {
  if (near.length === 0) return { session: sessions.next, absorbed: nobody }
  if (near.length === 1) return { session: settled(memory, learner, near[0]!, sessions), absorbed: nobody }
  const all = [...new Set(near.map(each => settled(memory, learner, each, sessions)))]
  const session = all.reduce((most, each) => (sessions.weight(each) > sessions.weight(most) ? each : most))
  const absorbed = all.filter(each => each !== session)
  for (const each of absorbed) memory.put(learner, joinedKey(each), session)
  return { session, absorbed }
}

/** The same as `nowIn`, and every session on the way points straight to it: a way over ten thousand is gone but once. */
function settled(memory: Memory, learner: string, session: number, sessions: Sessions): number {
  const now = nowIn(memory, learner, session, sessions)
  for (let at = session; at !== now; ) {
    const next = memory.get<number>(learner, joinedKey(at))!
    if (next !== now) memory.put(learner, joinedKey(at), now)
    at = next
  }
  return now
}
