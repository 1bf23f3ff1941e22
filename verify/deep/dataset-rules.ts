import type { DatasetKind, SnapshotKind } from '../../schemas/dataset-kinds.js'
import type { DatasetSpec } from '../../schemas/dataset-spec.js'
import type { AttemptEvent, Event, OtherEvent, PageViewedEvent, TutorMessageEvent, VideoEvent } from '../../schemas/event.js'
import type { EventTopicId } from '../../schemas/topics.js'
import { microsOf } from './instants.js'

/** An event with every field that any has: what a kind does not have is undefined, and prints nothing. */
export type AnyEvent = Pick<Event, 'kind' | 'host' | 'section' | 'learner' | 'at' | 'object'> &
  Partial<Omit<AttemptEvent & PageViewedEvent & VideoEvent & TutorMessageEvent & OtherEvent, keyof Event>>

interface DatasetRules {
  readonly topic: EventTopicId
  /** Kind of event → its word in `sub_types`, and what the column `event_type` says. */
  readonly kinds: Readonly<Record<string, readonly [word: string, type: string]>>
}

export const datasetRules: Readonly<Record<Exclude<DatasetKind, SnapshotKind>, DatasetRules>> = {
  attempt_evaluated: {
    topic: 'events.attempt',
    kinds: {
      part_attempt: ['part_attempt_evaluated', 'Part Attempt'],
      activity_attempt: ['activity_attempt_evaluated', 'Activity Attempt'],
      page_attempt: ['page_attempt_evaluated', 'Page Attempt'],
    },
  },
  page_viewed: { topic: 'events.page-viewed', kinds: { page_viewed: ['', 'page_viewed'] } },
  video: {
    topic: 'events.video',
    kinds: {
      video_played: ['played', 'played'],
      video_paused: ['paused', 'paused'],
      video_seeked: ['seeked', 'seeked'],
      video_completed: ['completed', 'completed'],
    },
  },
}

/** A spec as it lies in `datasets`: filters that select all are left out. */
export type WrittenSpec = Pick<DatasetSpec, 'id' | 'kind' | 'anonymize'> & Partial<DatasetSpec>

/** A spec of a kind that has a row per event. */
export type EventSpec = WrittenSpec & { readonly kind: keyof typeof datasetRules }

export const isOfEvents = (spec: WrittenSpec): spec is EventSpec => spec.kind in datasetRules

/** Whether the spec selects an event. */
export function selects(spec: EventSpec, event: AnyEvent): boolean {
  const kind = datasetRules[spec.kind].kinds[event.kind]
  const [from, to] = [spec.from, spec.to].map(text => (text ? microsOf(text) : null))
  return (
    kind !== undefined &&
    (!spec.sub_types || spec.sub_types.includes(kind[0])) &&
    (!spec.section_ids || spec.section_ids.includes(event.section)) &&
    (!spec.host || spec.host === event.host) &&
    (!spec.page_ids || (typeof event.page === 'string' && spec.page_ids.includes(event.page))) &&
    (!spec.enforce_project_id || spec.enforce_project_id === event.project) &&
    !spec.ignored_student_ids?.includes(event.learner) &&
    (from === null || from === undefined || event.at >= from) &&
    (to === null || to === undefined || event.at < to)
  )
}
