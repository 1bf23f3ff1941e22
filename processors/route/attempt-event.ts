import type { AttemptEvent } from '../../schemas/event.js'
import { scanJson, wantedPaths } from '../../schemas/json-scan.js'
import { objectOf } from '../../schemas/json-value.js'
import { extensions as ext } from '../../schemas/vocabulary.js'
import type { Fields } from './fields.js'
import { noId, type Statement } from './statement.js'

/** What a part attempt keeps as written. */
const written = wantedPaths([
  ['context', 'extensions', ext.objectives],
  ['context', 'extensions', ext.hints],
  ['result', 'response'],
  ['result', 'extensions', ext.feedback],
])
const none: readonly undefined[] = []

/** Part, activity and page attempts: each has the keys of the next, and more. */
export function attemptEvent(kind: AttemptEvent['kind'], s: Statement, fields: Fields): AttemptEvent {
  const { context } = s
  const part = kind === 'part_attempt'
  const activity = kind !== 'page_attempt'
  const [objectives, hints, response, feedback] = part ? scanJson(s.text, written, 4) : none
  const score = { where: 'result.score', values: objectOf(s.result.values.score) }
  return {
    kind,
    profile: s.profile,
    section: s.section,
    host: s.host,
    learner: s.learner,
    verb: s.verb,
    object: s.object,
    at: s.at,
    id: noId,
    project: fields.id(context, ext.project, 'must'),
    publication: fields.id(context, ext.publication, 'must'),
    enrollment: fields.id(context, ext.enrollment, 'optional'),
    page: fields.id(context, ext.page, 'must'),
    pageAttemptGuid: fields.id(context, ext.pageAttemptGuid, 'must'),
    pageAttemptNumber: fields.integer(context, ext.pageAttemptNumber, 'must'),
    activity: activity ? fields.id(context, ext.activity, 'must') : null,
    activityRevision: activity ? fields.id(context, ext.activityRevision, 'must') : null,
    activityAttemptGuid: activity ? fields.id(context, ext.activityAttemptGuid, 'must') : null,
    activityAttemptNumber: activity ? fields.integer(context, ext.activityAttemptNumber, 'must') : null,
    partId: part ? fields.id(context, ext.part, 'must') : null,
    partAttemptGuid: part ? fields.id(context, ext.partAttemptGuid, 'must') : null,
    partAttemptNumber: part ? fields.integer(context, ext.partAttemptNumber, 'must') : null,
    objectives: part ? fields.list(context, ext.objectives, 'nullable', objectives) : null,
    hints: part ? fields.json(context, ext.hints, 'nullable', hints) : null,
    session: part ? fields.id(context, ext.session, 'nullable') : null,
    score: fields.number(score, 'raw', 'must'),
    outOf: fields.number(score, 'max', 'must'),
    // Any JSON is an answer, null too: it stays the text `null`, an absent one is null.
    response: response ?? null,
    feedback: feedback ?? null,
  }
}
