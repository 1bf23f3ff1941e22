import type { CourseEvent } from '../filter.js'
import { type Cell, instant, person, scalar, text } from './cells.js'
import type { Column } from './csv-file.js'

/** The seven columns that every dataset of events begins with; what an event is called differs. */
export function courseColumns<E extends CourseEvent>(eventType: Cell<E>, types: string): readonly Column<E>[] {
  return [
    ['event_type', eventType, types],
    ['timestamp', instant(e => e.at), 'when it happened, UTC'],
    ['user_id', person, whoIsWho],
    ['section_id', text(e => e.section), 'course run; its id belongs to the platform'],
    ['project_id', text(e => e.project), 'course project'],
    ['publication_id', text(e => e.publication), 'published version of the project'],
    ['page_id', text(e => e.page), 'page of the course'],
  ]
}

export const whoIsWho = "the learner: a pseudonym, the same in all datasets of one key, or with `anonymize: ids` the platform's own id"

/** Which try at the page, if it is one. */
export function pageAttemptColumns<E extends CourseEvent>(): readonly Column<E>[] {
  return [
    ['page_attempt_guid', text(e => e.pageAttemptGuid), 'the attempt at the page that it belongs to'],
    ['page_attempt_number', scalar(e => e.pageAttemptNumber), "which of the learner's attempts at the page, from 1"],
  ]
}
