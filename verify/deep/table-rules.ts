import type { SnapshotKind } from '../../schemas/dataset-kinds.js'
import type { Measures } from '../../schemas/measures.js'
import type { StateTopicId } from '../../schemas/topics.js'
import { printed } from './instants.js'

/** A state with every field that any has. */
export type AnyState = Measures & {
  readonly section: string
  readonly host: string
  readonly learner: string
  readonly activeDays?: number
  readonly sessions?: number
  readonly sourceSessionCount?: number
}

type Cell = (state: AnyState, dialect?: string) => string | number

const kinds = {
  part_attempts: 'part_attempt',
  activity_attempts: 'activity_attempt',
  page_attempts: 'page_attempt',
  page_views: 'page_viewed',
  videos_played: 'video_played',
  videos_paused: 'video_paused',
  videos_seeked: 'video_seeked',
  videos_completed: 'video_completed',
  tutor_messages: 'tutor_message',
  condition_assignments: 'experiment_condition_assigned',
  experiment_attributions: 'experiment_attribution',
  other_events: 'other',
} as const

/** Numbers are compared by value. */
const common: Readonly<Record<string, Cell>> = {
  section_id: state => state.section,
  host: state => state.host,
  ...Object.fromEntries(Object.entries(kinds).map(([column, kind]) => [column, (state: AnyState) => state.events[kind] ?? 0])),
  parts_attempted: state => state.partsAttempted,
  parts_correct: state => state.partsCorrect,
  score: state => state.score / 1_000_000,
  out_of: state => state.outOf / 1_000_000,
  hints: state => state.hints,
  pages_seen: state => state.pages,
  seconds_watched: state => state.watchedMs / 1000,
}

export const tableRules: Readonly<Record<SnapshotKind, { readonly topic: StateTopicId; readonly cells: Readonly<Record<string, Cell>> }>> =
  {
    learners: {
      topic: 'state.learners',
      cells: {
        ...common,
        first_seen: (state, dialect) => printed(state.first, dialect),
        last_seen: (state, dialect) => printed(state.last, dialect),
        active_days: state => state.activeDays ?? 0,
        sessions: state => state.sessions ?? 0,
      },
    },
    sessions: {
      topic: 'state.sessions',
      cells: {
        ...common,
        session_start: (state, dialect) => printed(state.first, dialect),
        session_end: (state, dialect) => printed(state.last, dialect),
        duration_seconds: state => (state.last - state.first) / 1_000_000,
        source_sessions: state => state.sourceSessionCount ?? 0,
      },
    },
  }
