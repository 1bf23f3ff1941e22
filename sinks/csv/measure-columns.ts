import type { Kind } from '../../schemas/event.js'
import type { Measures } from '../../schemas/measures.js'
import { type Cell, scalar } from './cells.js'
import type { Column } from './csv-file.js'

const millionths = 1e6
const times = (kind: Kind): Cell<Measures> => scalar(m => m.events[kind] ?? 0)

/** What learners did, all in all or in a session. */
export const measureColumns: readonly Column<Measures>[] = [
  ['part_attempts', times('part_attempt'), 'evaluations of parts; those of one attempt again too'],
  ['activity_attempts', times('activity_attempt'), 'evaluations of activities'],
  ['page_attempts', times('page_attempt'), 'evaluations of pages'],
  ['page_views', times('page_viewed'), 'visits of pages'],
  ['videos_played', times('video_played'), 'starts of a video'],
  ['videos_paused', times('video_paused'), 'pauses in a video'],
  ['videos_seeked', times('video_seeked'), 'jumps in a video'],
  ['videos_completed', times('video_completed'), 'ends of a video'],
  ['tutor_messages', times('tutor_message'), 'messages of embedded tutors'],
  ['condition_assignments', times('experiment_condition_assigned'), 'assignments to a condition of an experiment'],
  ['experiment_attributions', times('experiment_attribution'), 'events that count for an experiment'],
  ['other_events', times('other'), 'statements of no known kind'],
  [
    'parts_attempted',
    scalar(m => m.partsAttempted),
    'different attempts at parts; of several evaluations of one the latest counts, also for the next four',
  ],
  ['parts_correct', scalar(m => m.partsCorrect), 'of these, those with all points'],
  ['score', scalar(m => m.score / millionths), 'points given, summed'],
  ['out_of', scalar(m => m.outOf / millionths), 'points that could be had, summed'],
  ['hints', scalar(m => m.hints), 'hints asked for'],
  ['pages_seen', scalar(m => m.pages), 'different pages visited'],
  ['seconds_watched', scalar(m => m.watchedMs / 1000), 'of videos, each moment once; players that do not tell what was played add nothing'],
]
