import type { VideoEvent } from '../../schemas/event.js'
import { objectOf, wellFormed } from '../../schemas/json-value.js'
import { extensions as ext } from '../../schemas/vocabulary.js'
import type { Fields, Place } from './fields.js'
import { noId, type Statement } from './statement.js'

export function videoEvent(kind: VideoEvent['kind'], s: Statement, fields: Fields): VideoEvent {
  const { context } = s
  const seeked = kind === 'video_seeked'
  // Players differ in which of the two holds a value.
  const has = (key: string): Place => (s.resultExtensions.values[key] === undefined ? context : s.resultExtensions)
  const scalar = (key: string) => fields.scalar(has(key), key, 'optional')
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
    // `completed` named its page as attempts do, before 2025.
    page: fields.id(context, (context.values[ext.resource] ?? null) === null ? ext.page : ext.resource, 'must'),
    // A video in the introduction of a module belongs to no page attempt.
    pageAttemptGuid: fields.id(context, ext.pageAttemptGuid, 'nullable'),
    pageAttemptNumber: fields.integer(context, ext.pageAttemptNumber, 'nullable'),
    contentElement: fields.id(context, ext.contentElement, 'must'),
    title: titleOf(s.definition, fields),
    session: fields.id(context, ext.videoSession, 'optional'),
    length: fields.scalar(has(ext.videoLength), ext.videoLength, seeked ? 'optional' : 'nullable'),
    time: seeked ? null : scalar(ext.videoTime),
    timeFrom: seeked ? scalar(ext.videoTimeFrom) : null,
    timeTo: seeked ? scalar(ext.videoTimeTo) : null,
    playedSegments: scalar(ext.videoPlayedSegments),
    progress: scalar(ext.videoProgress),
  }
}

/** English as spoken in the United States, else the first language there is. */
function titleOf(definition: Place, fields: Fields): string | null {
  const names = objectOf(definition.values.name)
  const language = names['en-US'] === undefined ? Object.keys(names)[0] : 'en-US'
  const title = language === undefined ? null : (names[language] ?? null)
  if (title === null || typeof title === 'string') return title === null ? null : wellFormed(title)
  // Without the language: it is a key that anybody may have written, and reasons tell nothing of that.
  return fields.refuse('bad_value', 'object.definition name is not text')
}
