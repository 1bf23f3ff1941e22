import { createHash } from 'node:crypto'
import type { AttemptEvent, Event, PageViewedEvent, VideoEvent } from '../../schemas/event.js'
import type { Measures } from '../../schemas/measures.js'
import { printed } from './instants.js'

/** What states are made of, of one event. */
export interface Sight {
  readonly at: number
  readonly id: string
  readonly kind: Event['kind']
  readonly source: string | null
  readonly part: Part | null
  readonly page: string | null
  readonly film: { readonly name: string; readonly spans: readonly Span[] } | null
}
interface Part {
  readonly guid: string
  readonly correct: boolean
  readonly score: number
  readonly outOf: number
  readonly hints: number
}
type Span = readonly [from: number, to: number]

/** The states of one learner by the names that their records have. */
export interface OwnStates {
  readonly learner: Measures & { readonly activeDays: number; readonly sessions: number }
  readonly sessions: ReadonlyMap<string, Measures & { readonly sourceSessions: readonly string[]; readonly sourceSessionCount: number }>
}

const dayMs = 86_400_000
const halfHour = 1_800_000_000
const decimal = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/

export function sightOf(event: Event): Sight {
  const id = event.id
  const source = ('session' in event && event.session) || null
  const part = event.kind === 'part_attempt' ? partOf(event as AttemptEvent, id) : null
  const page = event.kind === 'page_viewed' ? pageOf(event as PageViewedEvent) : null
  const film = event.kind.startsWith('video') ? filmOf(event as VideoEvent) : null
  return { at: event.at, id, kind: event.kind, source, part, page, film }
}

/** From all that is known of a learner at once, in the order of time. */
export function ownStates(sights: readonly Sight[], learnerKey: string): OwnStates {
  const sorted = [...sights].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  const latest = new Map<string, Sight>()
  for (const sight of sorted) if (sight.part !== null) latest.set(sight.part.guid, sight)
  const counted = new Set(latest.values())
  const groups = groupsOf(sorted)
  const days = new Set(sorted.map(({ at }) => Math.floor(at / 1000 / dayMs)))
  return {
    learner: { ...measured(sorted, counted), activeDays: days.size, sessions: groups.length },
    sessions: new Map(
      groups.map(group => {
        const ids = [...new Set(group.flatMap(({ source }) => (source === null ? [] : [source])))]
        const listed = ids.map(id => (id.length > 255 ? createHash('sha256').update(id).digest('hex') : id)).sort()
        const state = { ...measured(group, counted), sourceSessions: listed.slice(0, 50), sourceSessionCount: ids.length }
        return [`${learnerKey}|${printed(group[0]!.at)}`, state]
      }),
    ),
  }
}

/** Neighbours in time, and all of one source, are of one group: each points to one before it, the first to itself. */
function groupsOf(sorted: readonly Sight[]): Sight[][] {
  const leader = sorted.map((_, i) => i)
  const of = (i: number): number => {
    while (leader[i] !== i) i = leader[i] = leader[leader[i]!]!
    return i
  }
  const join = (a: number, b: number) => {
    const [low, high] = [of(a), of(b)].sort((x, y) => x - y) as [number, number]
    leader[high] = low
  }
  const sources = new Map<string, number>()
  for (const [i, { at, source }] of sorted.entries()) {
    if (i > 0 && at - sorted[i - 1]!.at <= halfHour) join(i, i - 1)
    if (source === null) continue
    join(i, sources.get(source) ?? i)
    sources.set(source, i)
  }
  const groups = new Map<number, Sight[]>()
  for (const [i, sight] of sorted.entries()) added(groups, of(i), [sight])
  return [...groups.values()]
}

function measured(sights: readonly Sight[], counted: ReadonlySet<Sight>): Measures {
  const events: Record<string, number> = {}
  for (const { kind } of sights) events[kind] = (events[kind] ?? 0) + 1
  const parts = sights.filter(sight => counted.has(sight)).map(({ part }) => part!)
  const films = new Map<string, Span[]>()
  for (const { film } of sights) if (film !== null) added(films, film.name, film.spans)
  return {
    first: sights[0]!.at,
    last: sights.at(-1)!.at,
    events,
    partsAttempted: parts.length,
    partsCorrect: parts.filter(part => part.correct).length,
    score: exactSum(parts.map(part => part.score)),
    outOf: exactSum(parts.map(part => part.outOf)),
    hints: parts.reduce((sum, { hints }) => sum + hints, 0),
    pages: new Set(sights.flatMap(({ page }) => page ?? [])).size,
    watchedMs: [...films.values()].reduce((sum, spans) => sum + lengthOf(spans), 0),
  }
}

function added<Key, Item>(lists: Map<Key, Item[]>, key: Key, items: readonly Item[]): void {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  for (const item of items) list.push(item)
}

/** Within what a long in Avro may be for JavaScript. */
function exactSum(numbers: readonly number[]): number {
  const sum = numbers.reduce((total, each) => total + BigInt(each), 0n)
  const [least, greatest] = [-(2n ** 52n), 2n ** 53n - 2n]
  return Number(sum < least ? least : sum > greatest ? greatest : sum)
}

function partOf({ partAttemptGuid: guid, score, outOf, hints }: AttemptEvent, id: string): Part {
  const both = score !== null && outOf !== null
  const sane = both && Math.abs(score) <= 1e9 && Math.abs(outOf) <= 1e9
  const list: unknown = hints === null ? null : JSON.parse(hints)
  return {
    guid: guid ? `guid ${guid}` : `event ${id}`,
    correct: both && score === outOf && outOf > 0,
    score: sane ? Math.round(score * 1e6) : 0,
    outOf: sane ? Math.round(outOf * 1e6) : 0,
    hints: Array.isArray(list) ? list.length : 0,
  }
}

const pageOf = ({ page, object }: PageViewedEvent) => (page === null ? `object ${object}` : `page ${page}`)

function filmOf({ playedSegments, length, object }: VideoEvent): Sight['film'] {
  if (typeof playedSegments !== 'string') return null
  const long = milliseconds(length)
  const end = long > 0 ? Math.min(long, dayMs) : dayMs
  const spans: Span[] = []
  for (const segment of playedSegments.split('[,]', 1000)) {
    const [from, to, more] = segment.split('[.]').map(text => milliseconds(text))
    if (more !== undefined || !(from! < to!)) continue
    const span = [Math.max(0, from!), Math.min(end, to!)] as const
    if (span[0] < span[1]) spans.push(span)
  }
  return { name: object, spans }
}

function milliseconds(seconds: number | string | null): number {
  if (typeof seconds === 'number') return Math.round(seconds * 1000)
  const text = (seconds ?? '').trim()
  return decimal.test(text) ? Math.round(Number(text) * 1000) : Number.NaN
}

/** Of a union: what each adds beyond all that begin before it. */
function lengthOf(spans: readonly Span[]): number {
  let sum = 0
  let reached = 0
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    sum += Math.max(0, to - Math.max(from, reached))
    reached = Math.max(reached, to)
  }
  return sum
}
