/**
 * Events: the typed, validated form of a statement. One Avro schema per `events.*` topic (`schemas/avro/`) has exactly these fields.
 *
 * Ids (section, project, page, activity …) are text: Torus writes them as integers, old browsers as strings, and they are only ever
 * compared and printed. `null` = the statement does not have it (or has null).
 */

/** What a statement tells, from `verb.id` and `object.definition.type`; never from display words. */
export const kinds = [
  'part_attempt',
  'activity_attempt',
  'page_attempt',
  'page_viewed',
  'video_played',
  'video_paused',
  'video_seeked',
  'video_completed',
  'tutor_message',
  'experiment_condition_assigned',
  'experiment_attribution',
  'other',
] as const
export type Kind = (typeof kinds)[number]

/** `torus`: carries the Torus `section_id` extension and must have the keys of its kind. `xapi`: everything else; absent fields are null. */
export type Profile = 'torus' | 'xapi'

/** Untrusted browser input (video times): a number is kept as a number, text as text. */
export type Scalar = number | string | null

export interface EventBase {
  /** 32 hex digits: equal if and only if two statements tell the same fact. */
  readonly id: string
  readonly kind: Kind
  readonly profile: Profile
  /** Course run; empty when the statement names none. Belongs to `host`: two hosts may use the same. */
  readonly section: string
  /** The actor's home page without scheme and trailing slash, lower case; empty for actors without an account. */
  readonly host: string
  /** The actor's name as text (account name, mbox, openid or sha1). */
  readonly learner: string
  readonly verb: string
  readonly object: string
  /** Event time, microseconds since 1970; 1827 to 2255, outside of which Avro longs are not exact here. */
  readonly at: number
}

interface CourseFields {
  readonly project: string | null
  readonly publication: string | null
  readonly enrollment: string | null
  readonly page: string | null
  readonly pageAttemptGuid: string | null
  readonly pageAttemptNumber: number | null
}

interface ActivityFields {
  readonly activity: string | null
  readonly activityRevision: string | null
  readonly activityAttemptGuid: string | null
  readonly activityAttemptNumber: number | null
}

/** Topic `events.attempt`. */
export interface AttemptEvent extends EventBase, CourseFields, ActivityFields {
  readonly kind: 'part_attempt' | 'activity_attempt' | 'page_attempt'
  readonly partId: string | null
  readonly partAttemptGuid: string | null
  readonly partAttemptNumber: number | null
  /** JSON text as written (an array of ids). */
  readonly objectives: string | null
  /** JSON text as written (an array of hint ids, or whatever else was sent). */
  readonly hints: string | null
  readonly session: string | null
  readonly score: number | null
  readonly outOf: number | null
  /** JSON text as it was written: `1.0`, big integers and key order survive; JSON null is the text `null`, absent is null. */
  readonly response: string | null
  /** The same. */
  readonly feedback: string | null
}

/** Topic `events.page-viewed`. */
export interface PageViewedEvent extends EventBase, CourseFields {
  readonly kind: 'page_viewed'
  readonly pageSubType: string | null
}

/** Topic `events.video`. `object` is the video's URL. */
export interface VideoEvent extends EventBase, CourseFields {
  readonly kind: 'video_played' | 'video_paused' | 'video_seeked' | 'video_completed'
  readonly contentElement: string | null
  readonly title: string | null
  readonly session: string | null
  /** Seconds. */
  readonly length: Scalar
  /** Seconds; played, paused, completed. */
  readonly time: Scalar
  /** Seconds; seeked only. */
  readonly timeFrom: Scalar
  readonly timeTo: Scalar
  readonly playedSegments: Scalar
  /** 0 to 1. */
  readonly progress: Scalar
}

/** Topic `events.tutor-message`. */
export interface TutorMessageEvent extends EventBase, CourseFields, ActivityFields {
  readonly kind: 'tutor_message'
  /** `<message>` with the inner XML of a tutor_related_message_sequence. */
  readonly message: string | null
}

/** Topic `events.other`: kinds without a dataset of their own, and facts derived from other statements. */
export interface OtherEvent extends EventBase {
  readonly kind: 'experiment_condition_assigned' | 'experiment_attribution' | 'other'
  /** The statement's JSON text, or the attribution's. */
  readonly json: string
  /** Id of the event that an attribution was derived from. */
  readonly parent: string | null
}

export type Event = AttemptEvent | PageViewedEvent | VideoEvent | TutorMessageEvent | OtherEvent
