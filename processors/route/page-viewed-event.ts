import type { PageViewedEvent } from '../../schemas/event.js'
import { extensions as ext } from '../../schemas/vocabulary.js'
import type { Fields } from './fields.js'
import { noId, type Statement } from './statement.js'

export function pageViewedEvent(s: Statement, fields: Fields): PageViewedEvent {
  const { context } = s
  return {
    kind: 'page_viewed',
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
    // A view outside of any attempt has neither.
    pageAttemptGuid: fields.id(context, ext.pageAttemptGuid, 'nullable'),
    pageAttemptNumber: fields.integer(context, ext.pageAttemptNumber, context.values[ext.pageAttemptGuid] === null ? 'nullable' : 'must'),
    pageSubType: fields.text(s.definition, 'subType', 'optional'),
  }
}
