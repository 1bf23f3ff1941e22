import { context, oli, video } from './statements.js'

/**
 * What a key may hold. `id`: text or an exact integer. `integer`: or as text. `scalar`: a number or text, from a browser. `json`: anything.
 */
export type Held = 'id' | 'integer' | 'number' | 'text' | 'scalar' | 'list' | 'json'

/** One key of a Torus statement: where it is, what it holds, and the golden statements that have it. */
export interface Need {
  readonly path: readonly string[]
  readonly holds: Held
  /** Who cannot be without. */
  readonly must: readonly string[]
  /** Who has it, and may have null there, but not leave it out. */
  readonly nullable: readonly string[]
  /** Who may have it. */
  readonly optional: readonly string[]
}

const attempts = ['part_attempt', 'activity_attempt', 'page_attempt']
const videos = ['video_played', 'video_paused', 'video_seeked', 'video_completed']
const withActivity = ['part_attempt', 'activity_attempt', 'tutor_message']
const withPage = [...attempts, 'page_viewed', 'tutor_message']

/** The Torus statements with a form of their own. */
export const torus = [...attempts, 'page_viewed', 'tutor_message', ...videos]

type Who = Partial<Pick<Need, 'must' | 'nullable' | 'optional'>>
const need = (path: readonly string[], holds: Held, { must = [], nullable = [], optional = [] }: Who): Need => ({
  path,
  holds,
  must,
  nullable,
  optional,
})
const result = (key: string) => ['result', 'extensions', `${video}${key}`]

/** The keys of `context.extensions`. A video names its page by `resource_id`, in the old form of `completed` by `page_id`. */
export const contextNeeds: readonly Need[] = [
  need(context('project_id'), 'id', { must: [...torus, 'experiment_condition_assigned'] }),
  need(context('publication_id'), 'id', { must: [...torus, 'experiment_condition_assigned'] }),
  need(context('enrollment_id'), 'id', { optional: torus }),
  need(context('page_attempt_guid'), 'id', { must: [...attempts, 'tutor_message'], nullable: ['page_viewed', ...videos] }),
  need(context('page_attempt_number'), 'integer', { must: withPage, nullable: videos }),
  need(context('page_id'), 'id', { must: [...withPage, 'video_completed'] }),
  need(context('resource_id'), 'id', { must: ['video_played', 'video_paused', 'video_seeked'] }),
  need(context('activity_id'), 'id', { must: withActivity }),
  need(context('activity_revision_id'), 'id', { must: withActivity }),
  need(context('activity_attempt_guid'), 'id', { must: withActivity }),
  need(context('activity_attempt_number'), 'integer', { must: withActivity }),
  need(context('part_id'), 'id', { must: ['part_attempt'] }),
  need(context('part_attempt_guid'), 'id', { must: ['part_attempt'] }),
  need(context('part_attempt_number'), 'integer', { must: ['part_attempt'] }),
  need(context('attached_objectives'), 'list', { nullable: ['part_attempt'] }),
  need(context('hints_requested'), 'json', { nullable: ['part_attempt'] }),
  need(context('session_id'), 'id', { nullable: ['part_attempt'] }),
  need(context('content_element_id'), 'id', { must: videos }),
  need(['context', 'extensions', `${video}length`], 'scalar', {
    nullable: ['video_played', 'video_paused', 'video_completed'],
    optional: ['video_seeked'],
  }),
]

/** The rest of what a Torus statement tells. */
export const resultNeeds: readonly Need[] = [
  need(['result', 'score', 'raw'], 'number', { must: attempts }),
  need(['result', 'score', 'max'], 'number', { must: attempts }),
  need(['result', 'response'], 'json', { optional: ['part_attempt'] }),
  need(['result', 'extensions', `${oli}feedback`], 'json', { optional: ['part_attempt'] }),
  need(['result', 'message'], 'text', { must: ['tutor_message'] }),
  need(['object', 'definition', 'subType'], 'text', { optional: ['page_viewed'] }),
  need(['object', 'definition', 'name', 'en-US'], 'text', { optional: videos }),
  need(result('time'), 'scalar', { optional: ['video_played', 'video_paused', 'video_completed'] }),
  need(result('time-from'), 'scalar', { optional: ['video_seeked'] }),
  need(result('time-to'), 'scalar', { optional: ['video_seeked'] }),
  need(result('played-segments'), 'scalar', { optional: videos }),
  need(result('progress'), 'scalar', { optional: videos }),
]

/** What every statement tells. */
export const commonNeeds: readonly Need[] = [
  need(['actor', 'account', 'name'], 'id', { must: [...torus, 'experiment_condition_assigned', 'other_torus'] }),
  need(['actor', 'account', 'homePage'], 'text', { must: [...torus, 'experiment_condition_assigned', 'other_torus'] }),
  need(['verb', 'id'], 'text', { must: ['other_torus'] }),
  need(['object', 'id'], 'text', { must: [...torus, 'experiment_condition_assigned', 'other_torus'] }),
  need(context('section_id'), 'id', { must: ['other_torus'] }),
]
