import type { CourseEvent } from '../filter.js'
import { type Cell, instant, person, scalar, text } from './cells.js'
import type { Column } from './csv-format.js'

/** The seven columns that every dataset begins with; what an event is called differs. */
export function courseColumns<E extends CourseEvent>(eventType: Cell<E>): readonly Column<E>[] {
  return [
    ['event_type', eventType],
    ['timestamp', instant],
    ['user_id', person],
    ['section_id', text(e => e.section)],
    ['project_id', text(e => e.project)],
    ['publication_id', text(e => e.publication)],
    ['page_id', text(e => e.page)],
  ]
}

/** Which try at the page, if it is one. */
export function pageAttemptColumns<E extends CourseEvent>(): readonly Column<E>[] {
  return [
    ['page_attempt_guid', text(e => e.pageAttemptGuid)],
    ['page_attempt_number', scalar(e => e.pageAttemptNumber)],
  ]
}
