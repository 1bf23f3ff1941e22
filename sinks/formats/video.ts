import type { VideoEvent } from '../../schemas/event.js'
import { scalar, text } from '../csv/cells.js'
import { courseColumns, pageAttemptColumns } from '../csv/course-columns.js'
import { csvFormat } from '../csv/csv-format.js'

const words = { video_played: 'played', video_paused: 'paused', video_seeked: 'seeked', video_completed: 'completed' } as const
const seeked = (e: VideoEvent) => e.kind === 'video_seeked'
const stopped = (e: VideoEvent) => e.kind === 'video_paused' || e.kind === 'video_completed'

/**
 * One row per video action. `video_time_from` is where it happened and, when seeking, where it went from: the old job had the two columns of
 * a seek exchanged. As there, a column is empty where its verb does not have it, whatever the browser sent.
 */
export const video = csvFormat<VideoEvent>({
  kind: 'video',
  rules: 2,
  categories: ['video'],
  rows: { played: 'video_played', paused: 'video_paused', seeked: 'video_seeked', completed: 'video_completed' },
  columns: [
    ...courseColumns<VideoEvent>(
      text(e => words[e.kind]),
      '`played`, `paused`, `seeked` or `completed`',
    ),
    ...pageAttemptColumns<VideoEvent>(),
    ['content_element_id', text(e => e.contentElement), 'place of the video in the page'],
    ['video_url', text(e => e.object), 'the video'],
    ['video_title', text(e => e.title), 'its title'],
    ['video_length', scalar(e => (seeked(e) ? null : e.length)), 'its length in seconds'],
    ['video_time_from', scalar(e => (seeked(e) ? e.timeFrom : e.time)), 'where it happened, seconds; of a seek where it began'],
    ['video_time_to', scalar(e => (seeked(e) ? e.timeTo : null)), 'where a seek ended, seconds'],
    [
      'video_played_segments',
      scalar(e => (stopped(e) ? e.playedSegments : null), 'text'),
      'what was played so far, `from[.]to[,]from[.]to` in seconds',
    ],
    ['video_progress', scalar(e => (stopped(e) ? e.progress : null)), 'share of the video that was played, 0 to 1'],
  ],
})
