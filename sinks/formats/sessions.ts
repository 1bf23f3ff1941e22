import type { SessionState } from '../../schemas/session-state.js'
import { instant, person, scalar, text } from '../csv/cells.js'
import { whoIsWho } from '../csv/course-columns.js'
import { csvSnapshot } from '../csv/csv-snapshot.js'
import { measureColumns } from '../csv/measure-columns.js'

/**
 * One row per session of a learner in a section. The platform's own session ids are counted, not printed: older ones contain the learner's
 * e-mail address.
 */
export const sessions = csvSnapshot<SessionState>({
  kind: 'sessions',
  table: 'state.sessions',
  rules: 3,
  row: { of: 'session', key: ['user_id', 'section_id', 'host', 'session_start'] },
  columns: [
    ['user_id', person, whoIsWho],
    ['section_id', text(s => s.section), 'course run; its id belongs to the platform'],
    ['host', text(s => s.host), 'the platform'],
    ['session_start', instant(s => s.first), 'time of the first event, UTC; with the three columns before it the key of the row'],
    ['session_end', instant(s => s.last), 'time of the last event, UTC'],
    ['duration_seconds', scalar(s => (s.last - s.first) / 1e6), 'from the first event to the last'],
    ['source_sessions', scalar(s => s.sourceSessionCount), "sessions by the platform's own count that are in this one"],
    ...measureColumns,
  ],
})
