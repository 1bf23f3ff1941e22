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
  rules: 2,
  categories: ['attempt_evaluated'],
  rows: {
    part_attempt_evaluated: 'part_attempt',
    activity_attempt_evaluated: 'activity_attempt',
    page_attempt_evaluated: 'page_attempt',
  },
  columns: [
    ...courseColumns<AttemptEvent>(
      text(e => names[e.kind]),
      '`Part Attempt`, `Activity Attempt` or `Page Attempt`',
    ),
    ['activity_id', text(e => e.activity), 'activity'],
    ['activity_revision_id', text(e => e.activityRevision), 'version of the activity that was shown'],
    ['attached_objectives', array(e => e.objectives), 'ids of the learning objectives of the part'],
    ...pageAttemptColumns<AttemptEvent>(),
    ['part_id', text(e => e.partId), 'part of the activity'],
    ['part_attempt_guid', text(e => e.partAttemptGuid), 'the attempt at the part'],
    ['part_attempt_number', scalar(e => e.partAttemptNumber), 'which attempt at the part within the attempt at the activity, from 1'],
    [
      'activity_attempt_number',
      scalar(e => e.activityAttemptNumber),
      'which attempt at the activity within the attempt at the page, from 1',
    ],
    ['activity_attempt_guid', text(e => e.activityAttemptGuid), 'the attempt at the activity'],
    ['score', scalar(e => e.score), 'points given'],
    ['out_of', scalar(e => e.outOf), 'points that could be had'],
    ['response', json(e => e.response, answers), 'the answer, JSON'],
    ['feedback', json(e => e.feedback, answers), 'what the learner was told, JSON'],
    ['hints', array(e => e.hints), 'ids of the hints asked for'],
  ],
})
