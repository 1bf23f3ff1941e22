import type { TutorMessageEvent } from '../../schemas/event.js'
import { extensions as ext } from '../../schemas/vocabulary.js'
import type { Fields } from './fields.js'
import { noId, type Statement } from './statement.js'

export function tutorMessageEvent(s: Statement, fields: Fields): TutorMessageEvent {
  const { context } = s
  return {
    kind: 'tutor_message',
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
    activity: fields.id(context, ext.activity, 'must'),
    activityRevision: fields.id(context, ext.activityRevision, 'must'),
    activityAttemptGuid: fields.id(context, ext.activityAttemptGuid, 'must'),
    activityAttemptNumber: fields.integer(context, ext.activityAttemptNumber, 'must'),
    message: fields.text(s.result, 'message', 'must'),
  }
}
