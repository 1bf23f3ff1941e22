import type { Kind } from './event.js'

/** Every IRI that Tributary knows, each once. */
const oli = 'http://oli.cmu.edu/extensions/'
const video = 'https://w3id.org/xapi/video/'

export const verbs = {
  completed: 'http://adlnet.gov/expapi/verbs/completed',
  viewed: 'http://id.tincanapi.com/verb/viewed',
  created: 'http://activitystrea.ms/schema/1.0/create',
  videoPlayed: `${video}verbs/played`,
  videoPaused: `${video}verbs/paused`,
  videoSeeked: `${video}verbs/seeked`,
  videoCompleted: `${video}verbs/completed`,
  experimentConditionAssigned: `${oli}verbs/experiment_condition_assigned`,
} as const

export const activityTypes = {
  course: 'http://adlnet.gov/expapi/activities/course',
  partAttempt: 'http://adlnet.gov/expapi/activities/question',
  activityAttempt: `${oli}activity_attempt`,
  pageAttempt: `${oli}page_attempt`,
  page: `${oli}types/page`,
  video: `${video}activity-type/video`,
  tutorMessage: `${oli}tutor_message`,
  conditionAssignment: `${oli}types/condition_assignment`,
} as const

/** Keys of `context.extensions` and `result.extensions`. */
export const extensions = {
  section: `${oli}section_id`,
  project: `${oli}project_id`,
  publication: `${oli}publication_id`,
  enrollment: `${oli}enrollment_id`,
  page: `${oli}page_id`,
  resource: `${oli}resource_id`,
  pageAttemptGuid: `${oli}page_attempt_guid`,
  pageAttemptNumber: `${oli}page_attempt_number`,
  activity: `${oli}activity_id`,
  activityRevision: `${oli}activity_revision_id`,
  activityAttemptGuid: `${oli}activity_attempt_guid`,
  activityAttemptNumber: `${oli}activity_attempt_number`,
  part: `${oli}part_id`,
  partAttemptGuid: `${oli}part_attempt_guid`,
  partAttemptNumber: `${oli}part_attempt_number`,
  objectives: `${oli}attached_objectives`,
  hints: `${oli}hints_requested`,
  session: `${oli}session_id`,
  feedback: `${oli}feedback`,
  contentElement: `${oli}content_element_id`,
  experimentAttributions: `${oli}experiment_attributions`,
  videoSession: `${video}extensions/session-id`,
  videoLength: `${video}extensions/length`,
  videoTime: `${video}extensions/time`,
  videoTimeFrom: `${video}extensions/time-from`,
  videoTimeTo: `${video}extensions/time-to`,
  videoPlayedSegments: `${video}extensions/played-segments`,
  videoProgress: `${video}extensions/progress`,
} as const

const kindsByVerbAndType: ReadonlyMap<string, ReadonlyMap<string, Kind>> = new Map([
  [
    verbs.completed,
    new Map<string, Kind>([
      [activityTypes.partAttempt, 'part_attempt'],
      [activityTypes.activityAttempt, 'activity_attempt'],
      [activityTypes.pageAttempt, 'page_attempt'],
      // Other video players than Torus's use ADL's verb here, as the video profile says.
      [activityTypes.video, 'video_completed'],
    ]),
  ],
  [verbs.viewed, new Map<string, Kind>([[activityTypes.page, 'page_viewed']])],
  [verbs.created, new Map<string, Kind>([[activityTypes.tutorMessage, 'tutor_message']])],
  [verbs.videoPlayed, new Map<string, Kind>([[activityTypes.video, 'video_played']])],
  [verbs.videoPaused, new Map<string, Kind>([[activityTypes.video, 'video_paused']])],
  [verbs.videoSeeked, new Map<string, Kind>([[activityTypes.video, 'video_seeked']])],
  [verbs.videoCompleted, new Map<string, Kind>([[activityTypes.video, 'video_completed']])],
  [verbs.experimentConditionAssigned, new Map<string, Kind>([[activityTypes.conditionAssignment, 'experiment_condition_assigned']])],
])

/** Verb and type decide together: `completed` alone is an attempt or a video. Whatever is not known is `other`, never refused. */
export function kindOf(verb: string, type: unknown): Kind {
  return (typeof type === 'string' ? kindsByVerbAndType.get(verb)?.get(type) : undefined) ?? 'other'
}
