import type { Kind } from '../schemas/event.js'
import { activityTypes, extensions as ext, verbs } from '../schemas/vocabulary.js'
import type { Activity, Answer, Part, Video } from './sample-course.js'

/** A line and what it is. */
export interface Sample {
  readonly kind: Kind
  /** The folder that Torus uploads it to. */
  readonly category: string
  readonly line: string
}

/** Who does it, where, when. */
export interface Place {
  readonly host: string
  readonly learner: number
  readonly section: number
  readonly project: number
  readonly page: number
  readonly pageAttempt: string
  readonly pageAttemptNumber: number
  /** ISO, with `Z`. */
  readonly at: string
}

/** `[key, JSON text]`, in the order in which Torus writes them. */
type Extensions = readonly (readonly [key: string, json: string | number])[]

/** Templates, not JSON.stringify of objects: four times as quick, and a number can be written `1.0` as Torus does. */
function statement(
  place: Place,
  verb: readonly [id: string, word: string],
  object: { readonly id: string; readonly name: string; readonly type: string; readonly is?: string; readonly more?: string },
  context: Extensions,
  after: { readonly result?: string; readonly name?: string; readonly context?: string; readonly registration?: string } = {},
): string {
  const keys = context.map(([key, json]) => `"${key}":${json}`).join(',')
  const actor = `"actor":{"account":{"homePage":"${place.host}","name":${after.name ?? place.learner}},"objectType":"Agent"}`
  const definition = `"definition":{"name":{"en-US":${object.name}}${object.more ?? ''},"type":"${object.type}"}`
  const result = after.result === undefined ? '' : `,"result":{${after.result}}`
  return (
    `{${actor},"context":{${after.context ?? ''}"extensions":{${keys}}},` +
    `"object":{${definition},"id":${object.id},"objectType":"${object.is ?? 'Activity'}"}${after.registration ?? ''}${result},` +
    `"timestamp":"${place.at}","verb":{"display":{"en-US":"${verb[1]}"},"id":"${verb[0]}"}}`
  )
}

const course = (p: Place): Extensions => [
  [ext.project, p.project],
  [ext.publication, p.section + 6_000],
  [ext.section, p.section],
]
const attempt = (p: Place): Extensions => [
  [ext.page, p.page],
  [ext.pageAttemptGuid, `"${p.pageAttempt}"`],
  [ext.pageAttemptNumber, p.pageAttemptNumber],
]
const activityKeys = ({ id, revision }: Activity, guid: string, number: number): Extensions => [
  [ext.activityAttemptGuid, `"${guid}"`],
  [ext.activityAttemptNumber, number],
  [ext.activity, id],
  [ext.activityRevision, revision],
]
const completed = [verbs.completed, 'completed'] as const
/** `1.0` and not `1`: Torus writes floats. */
const float = (n: number) => (Number.isInteger(n) ? `${n}.0` : String(n))
const score = (raw: number, max: number) =>
  `"score":{"max":${float(max)},"min":0,"raw":${float(raw)},"scaled":${float(max === 0 ? 0 : raw / max)}},"success":true`
/** The brace too much is Torus's. */
const attemptId = (p: Place, what: string, guid: string) => `"https://${p.host}/${what}/${guid}}"`

export interface AttemptIds {
  readonly activityGuid: string
  readonly activityNumber: number
  readonly partGuid: string
  readonly partNumber: number
  /** JSON text. */
  readonly hints: string
  readonly session: string
}

export function partAttempt(p: Place, activity: Activity, part: Part, { response, feedback, right }: Answer, ids: AttemptIds): Sample {
  const keys: Extensions = [
    ...activityKeys(activity, ids.activityGuid, ids.activityNumber),
    [ext.objectives, part.objectives],
    [ext.hints, ids.hints],
    ...attempt(p),
    [ext.partAttemptGuid, `"${ids.partGuid}"`],
    [ext.partAttemptNumber, ids.partNumber],
    [ext.part, part.id],
    ...course(p),
    [ext.session, `"${ids.session}"`],
  ]
  const result = `"completion":true,"extensions":{"${ext.feedback}":${feedback}},"response":${response},${score(right ? 1 : 0, 1)}`
  const object = { id: attemptId(p, 'part_attempt', ids.partGuid), name: '"Part Attempt"', type: activityTypes.partAttempt }
  return { kind: 'part_attempt', category: 'attempt_evaluated', line: statement(p, completed, object, keys, { result }) }
}

export function activityAttempt(p: Place, activity: Activity, ids: AttemptIds, raw: number): Sample {
  const keys = [...activityKeys(activity, ids.activityGuid, ids.activityNumber), ...attempt(p), ...course(p)]
  const object = { id: attemptId(p, 'activity_attempt', ids.activityGuid), name: '"Activity Attempt"', type: activityTypes.activityAttempt }
  const result = `"completion":true,${score(raw, activity.parts.length)}`
  return { kind: 'activity_attempt', category: 'attempt_evaluated', line: statement(p, completed, object, keys, { result }) }
}

export function pageAttempt(p: Place, raw: number, max: number): Sample {
  const object = { id: attemptId(p, 'page_attempt', p.pageAttempt), name: '"Page Attempt"', type: activityTypes.pageAttempt }
  const keys = [...attempt(p), ...course(p)]
  const result = `"completion":true,${score(raw, max)}`
  return { kind: 'page_attempt', category: 'attempt_evaluated', line: statement(p, completed, object, keys, { result }) }
}

export function pageViewed(p: Place, subType: string): Sample {
  const object = {
    id: attemptId(p, 'page', String(p.page)),
    name: '"Page"',
    type: activityTypes.page,
    is: 'Page',
    more: `,"subType":${subType}`,
  }
  const line = statement(p, [verbs.viewed, 'viewed'], object, [...attempt(p), ...course(p)], { result: '"completion":true,"success":true' })
  return { kind: 'page_viewed', category: 'page_viewed', line }
}

const videoVerbs = {
  video_played: [verbs.videoPlayed, 'played'],
  video_paused: [verbs.videoPaused, 'paused'],
  video_seeked: [verbs.videoSeeked, 'seeked'],
  video_completed: [verbs.videoCompleted, 'completed'],
} as const

export function videoStatement(kind: keyof typeof videoVerbs, p: Place, video: Video, from: number, to: number): Sample {
  const progress = `"${ext.videoPlayedSegments}":"${from}[.]${to}","${ext.videoProgress}":${float(Math.round((to / video.length) * 1000) / 1000)}`
  const values = {
    video_played: `"${ext.videoTime}":${from}`,
    video_paused: `"${ext.videoTime}":${to},${progress}`,
    video_seeked: `"${ext.videoTimeFrom}":${from},"${ext.videoTimeTo}":${to}`,
    video_completed: `"${ext.videoTime}":${video.length},${progress}`,
  }[kind]
  const [, guid, number] = attempt(p)
  const length: Extensions = kind === 'video_seeked' ? [] : [[ext.videoLength, video.length]]
  const keys = [[ext.contentElement, video.element] as const, guid!, number!, ...course(p), [ext.resource, p.page] as const, ...length]
  const object = { id: video.url, name: video.title, type: activityTypes.video }
  const line = statement(p, videoVerbs[kind], object, keys, {
    result: `"extensions":{${values}}`,
    context: '"contextActivities":{"category":[{"id":"https://w3id.org/xapi/video"}]},',
    registration: `,"registration":"${p.section}-${p.page}-${video.element.slice(1, -1)}"`,
  })
  return { kind, category: 'video', line }
}

export function tutorMessage(p: Place, activity: Activity, ids: AttemptIds): Sample {
  const event = `<semantic_event transaction_id=\\"${ids.partGuid}\\" name=\\"ATTEMPT\\"/>`
  const descriptor = '<event_descriptor><selection>field</selection><action>UpdateTextField</action><input>42</input></event_descriptor>'
  const result = `"message":"<message><tool_message context_message_id=\\"${ids.session}\\">${event}${descriptor}</tool_message></message>"`
  const keys = [...activityKeys(activity, ids.activityGuid, ids.activityNumber), ...attempt(p), ...course(p)]
  const object = {
    id: `"https://${p.host}/tutor_message/${ids.activityGuid}"`,
    name: '"Tutor Message"',
    type: activityTypes.tutorMessage,
    is: 'Tutor',
  }
  return { kind: 'tutor_message', category: 'tutor_message', line: statement(p, [verbs.created, 'created'], object, keys, { result }) }
}

/** The one statement with the learner as text, and with a fact of its own inside (its attribution). */
export function conditionAssigned(p: Place, assignment: number): Sample {
  const attribution = `[{"role":"assignment","assignment_id":${assignment},"condition_code":"${assignment % 2 ? 'hints-first' : 'examples-first'}"}]`
  const object = {
    id: `"https://${p.host}/condition_assignment/${assignment}"`,
    name: '"Condition Assignment"',
    type: activityTypes.conditionAssignment,
  }
  const verb = [verbs.experimentConditionAssigned, 'experiment condition assigned'] as const
  const keys: Extensions = [[ext.experimentAttributions, attribution], ...course(p)]
  const line = statement(p, verb, object, keys, { name: `"${p.learner}"` })
  return { kind: 'experiment_condition_assigned', category: 'experiment_condition_assigned', line }
}

/** Something that Tributary has no name for: it is kept, not refused. */
export function unknownStatement(p: Place): Sample {
  const object = { id: `"https://${p.host}/poll/${p.pageAttempt}"`, name: '"Poll"', type: 'https://example.org/activities/poll' }
  const line = statement(p, ['http://adlnet.gov/expapi/verbs/answered', 'answered'], object, course(p), { result: '"completion":true' })
  return { kind: 'other', category: 'poll', line }
}
