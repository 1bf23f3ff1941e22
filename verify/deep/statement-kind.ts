import { activityTypes as types, verbs } from '../../schemas/vocabulary.js'

const kinds: Readonly<Record<string, string>> = {
  [`${verbs.completed} ${types.partAttempt}`]: 'part_attempt',
  [`${verbs.completed} ${types.activityAttempt}`]: 'activity_attempt',
  [`${verbs.completed} ${types.pageAttempt}`]: 'page_attempt',
  [`${verbs.completed} ${types.video}`]: 'video_completed',
  [`${verbs.videoCompleted} ${types.video}`]: 'video_completed',
  [`${verbs.videoPlayed} ${types.video}`]: 'video_played',
  [`${verbs.videoPaused} ${types.video}`]: 'video_paused',
  [`${verbs.videoSeeked} ${types.video}`]: 'video_seeked',
  [`${verbs.viewed} ${types.page}`]: 'page_viewed',
  [`${verbs.created} ${types.tutorMessage}`]: 'tutor_message',
  [`${verbs.experimentConditionAssigned} ${types.conditionAssignment}`]: 'experiment_condition_assigned',
}

/** Anything may stand for the type: only text means one. */
export const statementKind = (verb: string, type: unknown): string =>
  (typeof type === 'string' ? kinds[`${verb} ${type}`] : undefined) ?? 'other'
