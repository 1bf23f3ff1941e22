import { hash } from 'node:crypto'
import type { AttemptEvent, Event, VideoEvent } from '../../schemas/event.js'
import { canonicalJson, sortedCanonicalJson } from '../../schemas/json-text.js'

/**
 * The identity of events. FROZEN under the number `idRules` (`schemas/route-seen.ts`): every id in every topic and store depends on it
 * (golden ids: `test/golden/route/ids.json`). Any other id for the same bytes needs the next number.
 *
 * id = first 16 bytes, as 32 hex digits, of SHA-256 over the fields one after the other, as UTF-8. Null is `-`; text is `t`, its length in UTF-16
 * units, `:`, the text; a number is `n`, its shortest decimal (1.0 = 1, -0 = 0), `;`. So no two lists give the same bytes.
 *
 * All kinds: kind, host, section, learner, verb, object, at. Then, of an event with a dataset of its own, every field that some dataset
 * prints or selects by, and no other (`identity-is-printed.test.ts`), in the order below; JSON text without white space and in shortest
 * escapes, numbers and key order as written. In profile xapi the statement's own id follows, if it has one.
 * `other` and `experiment_condition_assigned`: the statement's own id in any profile, without one its canonical JSON, keys sorted.
 * `experiment_attribution`: only `experiment_attribution`, the parent's id as hex, the attribution's canonical JSON, keys sorted.
 */
export function eventId(event: Event, statementId: string | null): string {
  const fields = ownFields(event, common(event))
  if (isOther(event)) return digest(statementId === null ? fields + text(sortedCanonicalJson(event.json)) : fields + text(statementId))
  return digest(event.profile === 'xapi' && statementId !== null ? fields + text(statementId) : fields)
}

export function attributionId(parent: string, attribution: string): string {
  return digest(text('experiment_attribution') + text(parent) + text(sortedCanonicalJson(attribution)))
}

/** Whether the statement's own id is part of the identity. */
export function usesStatementId(event: Event): boolean {
  return event.profile === 'xapi' || isOther(event)
}

function isOther(event: Event): event is Extract<Event, { json: string }> {
  return 'json' in event
}

function common(e: Event): string {
  return text(e.kind) + text(e.host) + text(e.section) + text(e.learner) + text(e.verb) + text(e.object) + value(e.at)
}

function ownFields(e: Event, before: string): string {
  switch (e.kind) {
    case 'part_attempt':
      // An answer that is absent is printed in one profile as null, and in the other not at all.
      return attempt(e, before) + text(e.profile)
    case 'activity_attempt':
    case 'page_attempt':
      return attempt(e, before)
    case 'page_viewed':
      return course(e, before)
    case 'video_played':
      return video(e, before) + value(e.time)
    case 'video_seeked':
      return video(e, before) + value(e.timeFrom) + value(e.timeTo)
    case 'video_paused':
    case 'video_completed':
      return video(e, before) + value(e.time) + value(e.progress)
    case 'tutor_message':
      return before + value(e.project) + value(e.page) + value(e.message)
    default:
      return before
  }
}

type Course = Pick<Extract<Event, { kind: 'page_viewed' }>, 'project' | 'publication' | 'page' | 'pageAttemptGuid' | 'pageAttemptNumber'>
function course(e: Course, before: string): string {
  return before + value(e.project) + value(e.publication) + value(e.page) + value(e.pageAttemptGuid) + value(e.pageAttemptNumber)
}

function attempt(e: AttemptEvent, before: string): string {
  return (
    course(e, before) +
    value(e.activity) +
    value(e.activityRevision) +
    value(e.activityAttemptGuid) +
    value(e.activityAttemptNumber) +
    value(e.partId) +
    value(e.partAttemptGuid) +
    value(e.partAttemptNumber) +
    json(e.objectives) +
    json(e.hints) +
    value(e.session) +
    value(e.score) +
    value(e.outOf) +
    json(e.response) +
    json(e.feedback)
  )
}

function video(e: VideoEvent, before: string): string {
  return course(e, before) + value(e.contentElement) + value(e.title) + value(e.session) + value(e.length) + value(e.playedSegments)
}

function text(field: string): string {
  return `t${field.length}:${field}`
}

function value(field: string | number | null): string {
  if (field === null) return '-'
  return typeof field === 'string' ? text(field) : `n${field};`
}

function json(field: string | null): string {
  return field === null ? '-' : text(canonicalJson(field))
}

/** Measured: one hash call on one string, answered in hex, beats filling a buffer field by field. */
function digest(fields: string): string {
  return hash('sha256', fields, 'hex').slice(0, 32)
}
