import type { AttemptEvent } from '../../schemas/event.js'
import { array, json, scalar, text } from '../csv/cells.js'
import { courseColumns, pageAttemptColumns } from '../csv/course-columns.js'
import { csvFormat } from '../csv/csv-format.js'

const names = { part_attempt: 'Part Attempt', activity_attempt: 'Activity Attempt', page_attempt: 'Page Attempt' } as const

/** Torus part attempts have an answer and feedback, be it null; all other attempts have none. */
const answers = (e: AttemptEvent) => e.kind === 'part_attempt' && e.profile === 'torus'

/** One row per evaluated attempt at a part, an activity or a page. */
export const attemptEvaluated = csvFormat<AttemptEvent>({
  kind: 'attempt_evaluated',
  rules: 1,
  rows: {
    part_attempt_evaluated: 'part_attempt',
    activity_attempt_evaluated: 'activity_attempt',
    page_attempt_evaluated: 'page_attempt',
  },
  columns: [
    ...courseColumns<AttemptEvent>(text(e => names[e.kind])),
    ['activity_id', text(e => e.activity)],
    ['activity_revision_id', text(e => e.activityRevision)],
    ['attached_objectives', array(e => e.objectives)],
    ...pageAttemptColumns<AttemptEvent>(),
    ['part_id', text(e => e.partId)],
    ['part_attempt_guid', text(e => e.partAttemptGuid)],
    ['part_attempt_number', scalar(e => e.partAttemptNumber)],
    ['activity_attempt_number', scalar(e => e.activityAttemptNumber)],
    ['activity_attempt_guid', text(e => e.activityAttemptGuid)],
    ['score', scalar(e => e.score)],
    ['out_of', scalar(e => e.outOf)],
    ['response', json(e => e.response, answers)],
    ['feedback', json(e => e.feedback, answers)],
    ['hints', array(e => e.hints)],
  ],
})
