import { learnerKeyParts } from '../schemas/learner-key.js'
import type { LearnerState } from '../schemas/learner-state.js'
import { type SessionState, sessionKey } from '../schemas/session-state.js'
import { eventTopicIds } from '../schemas/topics.js'
import type { Aggregate, AggregateInput, Memory, Remembered } from './aggregate.js'
import { nowIn, type Placed, place, sessionAt } from './fold/gap-sessions.js'
import { type Evaluated, evaluate } from './fold/part-attempts.js'
import { pageSeen, videoPlayed } from './fold/seen.js'
import { emptySession, joined, type SessionRow, sessionPrefix, withSource } from './fold/session-row.js'
import { emptyTally, eventsOf, measuresOf, type Tally, withEvent, withoutPart } from './fold/tally.js'
import { noTexts, type TextSet, withMember } from './fold/text-set.js'
import { watch } from './fold/videos.js'
import { parseTimestamp } from './route/timestamp.js'

/**
 * What learners do in a section, all in all and session by session. One fold for both: it has to remember the same for either (days,
 * evaluations, moments of videos), and that is what costs.
 */
export const engagement: Aggregate = {
  name: 'engagement',
  from: eventTopicIds,
  to: ['state.learners', 'state.sessions'],
  version: 1,
  upgrades: {},
  step,
  output: (topic, key, memory) => (topic === 'state.learners' ? learnerState(key, memory) : sessionState(key, memory)),
}

/** `begun`: sessions that there ever were; `sessions`: those that are no part of another. */
type LearnerRow = { readonly tally: Tally; readonly activeDays: number; readonly begun: number; readonly sessions: number }

const learnerRow = 'learner'
const pagesKey = 'pages|'
const rowOf = (memory: Remembered, learner: string, session: number) => memory.get<SessionRow>(learner, sessionPrefix(session))
const isThereIn = (memory: Remembered, learner: string) => (session: number) => rowOf(memory, learner, session) !== undefined

function step(input: AggregateInput, memory: Memory) {
  const { key: learner, event } = input
  const all = memory.get<LearnerRow>(learner, learnerRow) ?? { tally: emptyTally(event.at), activeDays: 0, begun: 0, sessions: 0 }
  const isThere = isThereIn(memory, learner)
  const weight = (session: number) => eventsOf(rowOf(memory, learner, session)!.tally)
  const placed = place(memory, input, { next: all.begun, isThere, weight })
  if (placed === null) return {}
  const { session, begins, absorbed } = placed
  const known = rowOf(memory, learner, session)
  const began = [known === undefined ? event.at : known.tally.first]
  for (const each of absorbed) began.push(rowOf(memory, learner, each)!.tally.first)
  const evaluated = evaluate(memory, input, session)
  const before = evaluated?.before ?? null
  const where = before === null ? session : nowIn(memory, learner, before.session, { isThere })
  const moved = where === session ? null : rowOf(memory, learner, where)!
  if (moved !== null) {
    memory.put(learner, sessionPrefix(where), { ...moved, tally: withoutPart(moved.tally, before!.part) })
    began.push(moved.tally.first)
  }
  let row = known ?? emptySession(event.at)
  for (const each of absorbed) row = absorb(memory, learner, row, session, each)
  if (before !== null && moved === null) row = { ...row, tally: withoutPart(row.tally, before.part) }
  const total = before === null ? all.tally : withoutPart(all.tally, before.part)
  const next = withSight(memory, input, placed, evaluated, row, total)
  memory.put(learner, sessionPrefix(session), next.row)
  memory.put(learner, learnerRow, {
    tally: next.total,
    activeDays: all.activeDays + (placed.newDay ? 1 : 0),
    begun: all.begun + (begins ? 1 : 0),
    sessions: all.sessions + (begins ? 1 : 0) - absorbed.length,
  })
  if (!began.includes(next.row.tally.first)) began.push(next.row.tally.first)
  return { 'state.learners': [learner], 'state.sessions': began.map(first => sessionKey(learner, first)) }
}

/** `session` takes in another that is no more. */
function absorb(memory: Memory, learner: string, row: SessionRow, session: number, other: number): SessionRow {
  const gone = rowOf(memory, learner, other)!
  memory.delete(learner, sessionPrefix(other))
  return joined(memory, learner, row, sessionPrefix(session), gone, sessionPrefix(other))
}

/** The event itself, and what is new in it: to the session, and to the learner, who cannot find new what the session does not. */
function withSight(
  memory: Memory,
  { key: learner, event }: AggregateInput,
  { session, newSource }: Placed,
  evaluated: Evaluated | null,
  row: SessionRow,
  total: Tally,
) {
  const prefix = sessionPrefix(session)
  const page = pageSeen(event)
  const pages = page === null ? null : withMember(memory, learner, `${prefix}pages|`, row.pages, page)
  const isNewPage = pages !== null && addPage(memory, learner, page!)
  const video = videoPlayed(event)
  const videos = video === null ? null : withMember(memory, learner, `${prefix}videos|`, row.videos, video.member)
  const watchedMs = video === null ? 0 : watch(memory, learner, prefix, video.member, video.spans)
  const newMs = watchedMs === 0 ? 0 : watch(memory, learner, '', video!.member, video!.spans)
  const part = evaluated === null ? null : evaluated.part
  return {
    row: {
      tally: withEvent(row.tally, event, pages === null ? 0 : 1, watchedMs, part),
      pages: pages ?? row.pages,
      videos: videos ?? row.videos,
      sourceCount: row.sourceCount + (newSource === null ? 0 : 1),
      sources: newSource === null ? row.sources : withSource(row.sources, newSource),
    },
    total: withEvent(total, event, isNewPage ? 1 : 0, newMs, part),
  }
}

function addPage(memory: Memory, learner: string, page: string): boolean {
  const pages = withMember(memory, learner, pagesKey, memory.get<TextSet>(learner, pagesKey) ?? noTexts, page)
  if (pages !== null) memory.put(learner, pagesKey, pages)
  return pages !== null
}

function learnerState(learner: string, memory: Remembered): LearnerState | null {
  const row = memory.get<LearnerRow>(learner, learnerRow)
  if (row === undefined) return null
  return Object.assign(measuresOf(row.tally), learnerKeyParts(learner), { activeDays: row.activeDays, sessions: row.sessions })
}

function sessionState(key: string, memory: Remembered): SessionState | null {
  const bar = key.lastIndexOf('|')
  const learner = key.slice(0, bar)
  const first = parseTimestamp(key.slice(bar + 1))!
  const session = sessionAt(memory, learner, first, { isThere: isThereIn(memory, learner) })
  const row = session === null ? undefined : rowOf(memory, learner, session)
  // An instant at which something happened is not always one at which a session begins.
  if (row === undefined || row.tally.first !== first) return null
  return Object.assign(measuresOf(row.tally), learnerKeyParts(learner), {
    sourceSessions: row.sources,
    sourceSessionCount: row.sourceCount,
  })
}
