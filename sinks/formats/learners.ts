import type { LearnerState } from '../../schemas/learner-state.js'
import { instant, person, scalar, text } from '../csv/cells.js'
import { whoIsWho } from '../csv/course-columns.js'
import { csvSnapshot } from '../csv/csv-snapshot.js'
import { measureColumns } from '../csv/measure-columns.js'

/** One row per learner and section: all that was done there. */
export const learners = csvSnapshot<LearnerState>({
  kind: 'learners',
  table: 'state.learners',
  rules: 3,
  row: { of: 'learner', key: ['user_id', 'section_id', 'host'] },
  columns: [
    ['user_id', person, whoIsWho],
    ['section_id', text(s => s.section), 'course run; its id belongs to the platform'],
    ['host', text(s => s.host), 'the platform'],
    ['first_seen', instant(s => s.first), 'time of the first event, UTC'],
    ['last_seen', instant(s => s.last), 'time of the last event, UTC'],
    ['active_days', scalar(s => s.activeDays), 'days in UTC with at least one event'],
    ['sessions', scalar(s => s.sessions), 'sessions, as in the kind `sessions`'],
    ...measureColumns,
  ],
})
