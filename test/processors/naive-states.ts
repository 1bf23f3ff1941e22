import { createHash } from 'node:crypto'
import { type AttemptEvent, type Event, kinds, type VideoEvent } from '../../schemas/event.js'
import type { LearnerState } from '../../schemas/learner-state.js'
import type { Measures } from '../../schemas/measures.js'
import { type SessionState, sessionKey } from '../../schemas/session-state.js'
import { keyOf } from './drive.js'

/** The states as one would say them: everything at once, from the whole set of events in the order of time. Slow and plain. */
export function naiveStates(given: readonly Event[]) {
  const events = [...new Map(given.map(event => [event.id, event])).values()].sort((a, b) => a.at - b.at)
  const learners: Record<string, LearnerState> = {}
  const sessions: Record<string, SessionState> = {}
  for (const key of [...new Set(events.map(keyOf))].sort()) {
    const own = events.filter(event => keyOf(event) === key)
    const counted = countedParts(own)
    const { section, host, learner } = own[0]!
    const groups = sessionsOf(own)
    learners[key] = {
      section,
      host,
      learner,
      ...measures(own, counted),
      activeDays: new Set(own.map(event => new Date(Math.floor(event.at / 1000)).toISOString().slice(0, 10))).size,
      sessions: groups.length,
    }
    for (const group of groups) {
      const ids = [...new Set(group.flatMap(event => sourceOf(event) ?? []))].map(listed).sort()
      const state = {
        section,
        host,
        learner,
        ...measures(group, counted),
        sourceSessions: ids.slice(0, 50),
        sourceSessionCount: ids.length,
      }
      sessions[sessionKey(key, group[0]!.at)] = state
    }
  }
  return { 'state.learners': learners, 'state.sessions': sessions }
}

const listed = (id: string) => (id.length > 255 ? createHash('sha256').update(id).digest('hex') : id)
const sourceOf = (event: Event) => ('session' in event && event.session !== '' ? event.session : null)

/** Colours spread until nothing changes. */
function sessionsOf(events: readonly Event[]): Event[][] {
  const colour = events.map((_, i) => i)
  const same = (a: number, b: number) => {
    const [from, to] = [colour[a]!, colour[b]!]
    for (const [i, c] of colour.entries()) if (c === from) colour[i] = to
  }
  for (let i = 1; i < events.length; i++) if (events[i]!.at - events[i - 1]!.at <= 30 * 60 * 1_000_000) same(i, i - 1)
  const first = new Map<string, number>()
  for (const [i, event] of events.entries()) {
    const id = sourceOf(event)
    if (id === null) continue
    if (first.has(id)) same(i, first.get(id)!)
    else first.set(id, i)
  }
  return [...new Set(colour)].map(c => events.filter((_, i) => colour[i] === c))
}

/** The evaluations that count. */
function countedParts(events: readonly Event[]): Set<AttemptEvent> {
  const latest = new Map<string, AttemptEvent>()
  for (const event of events) {
    if (event.kind !== 'part_attempt') continue
    const attempt = event as AttemptEvent
    const name = attempt.partAttemptGuid ? `guid ${attempt.partAttemptGuid}` : `id ${event.id}`
    const other = latest.get(name)
    if (!other || other.at < attempt.at || (other.at === attempt.at && other.id < attempt.id)) latest.set(name, attempt)
  }
  return new Set(latest.values())
}

function measures(events: readonly Event[], counted: ReadonlySet<Event>): Measures {
  const parts = events.filter(event => counted.has(event)) as AttemptEvent[]
  const scored = parts.filter(p => p.score !== null && p.outOf !== null && Math.max(Math.abs(p.score), Math.abs(p.outOf)) <= 1e9)
  const sum = (numbers: readonly bigint[]) => {
    const total = numbers.reduce((a, b) => a + b, 0n)
    const [least, greatest] = [-(2n ** 52n), 2n ** 53n - 2n]
    return Number(total < least ? least : total > greatest ? greatest : total)
  }
  return {
    first: events[0]!.at,
    last: events.at(-1)!.at,
    events: Object.fromEntries(
      kinds.flatMap(kind => {
        const count = events.filter(event => event.kind === kind).length
        return count === 0 ? [] : [[kind, count]]
      }),
    ),
    partsAttempted: parts.length,
    partsCorrect: parts.filter(p => p.outOf !== null && p.outOf > 0 && p.score === p.outOf).length,
    score: sum(scored.map(p => BigInt(Math.round(p.score! * 1e6)))),
    outOf: sum(scored.map(p => BigInt(Math.round(p.outOf! * 1e6)))),
    hints: parts.reduce((n, p) => n + (p.hints === null ? 0 : JSON.parse(p.hints).length), 0),
    pages: new Set(events.flatMap(e => (e.kind === 'page_viewed' ? [e.page === null ? `o${e.object}` : `p${e.page}`] : []))).size,
    watchedMs: watched(events),
  }
}

const numeric = /^ *-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)? *$/i

function watched(events: readonly Event[]): number {
  const films = new Map<string, Set<string>>()
  for (const event of events) {
    if (!event.kind.startsWith('video_')) continue
    const { playedSegments, length, object } = event as VideoEvent
    if (typeof playedSegments !== 'string') continue
    const long = Math.round(Number(length ?? Number.NaN) * 1000)
    const end = long > 0 ? Math.min(long, 86_400_000) : 86_400_000
    for (const segment of playedSegments.split('[,]').slice(0, 1000)) {
      const ends = segment.split('[.]').map(text => (numeric.test(text) ? Math.round(Number(text) * 1000) : Number.NaN))
      const [from, to] = [Math.max(0, ends[0]!), Math.min(end, ends[1]!)]
      if (ends.length === 2 && from < to) films.set(object, (films.get(object) ?? new Set()).add(`${from} ${to}`))
    }
  }
  let total = 0
  for (const spans of films.values()) {
    let reached = 0
    for (const [from, to] of [...spans].map(text => text.split(' ').map(Number) as [number, number]).sort((a, b) => a[0] - b[0])) {
      total += Math.max(0, to - Math.max(from, reached))
      reached = Math.max(reached, to)
    }
  }
  return total
}
