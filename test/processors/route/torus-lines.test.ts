import { topicOfKind } from '../../../schemas/topics.js'
import { kindOf } from '../../../schemas/vocabulary.js'
import { contextNeeds, torus } from './needs.js'
import { accepted, changed, oli, shapes, statements, verdict, video } from './statements.js'

const all = { ...statements, ...shapes }
const eventOf = (name: string) => accepted(all[name]!).event
const holds = (name: string, event: object) => expect(eventOf(name)).toMatchObject(event)
const isEvent = (name: string, kind: string, topic: string) => {
  const { event } = accepted(all[name]!)
  expect([event.kind, topicOfKind[event.kind]]).toEqual([kind, topic])
}
const refuses = (name: string, path: readonly string[], value: unknown, verdict_: RegExp) =>
  expect(verdict(changed(name, path, value))).toMatch(verdict_)
/** A key of the context: who must have it, who may have null, who need not have it. */
const needs = (key: string, must: readonly string[], nullable: readonly string[] = [], optional: readonly string[] = []) => {
  const found = contextNeeds.find(({ path }) => path.at(-1) === `${oli}${key}` || path.at(-1) === `${video}${key}`)!
  expect([found.must, found.nullable, found.optional]).toEqual([must, nullable, optional])
}
const attempts = ['part_attempt', 'activity_attempt', 'page_attempt']
const videos = ['video_played', 'video_paused', 'video_seeked', 'video_completed']
const withActivity = ['part_attempt', 'activity_attempt', 'tutor_message']
const types = { question: 'http://adlnet.gov/expapi/activities/question', video: 'https://w3id.org/xapi/video/activity-type/video' }
const completed = 'http://adlnet.gov/expapi/verbs/completed'
const score = ['result', 'score']
const result = (key: string) => ['result', 'extensions', `${video}${key}`]

/** What is known of the statements that Torus sends, line by line, each with its proof. */
const lines: readonly (readonly [about: string, line: string, proof: () => void])[] = [
  ['shape', 'the host is written without a scheme', () => holds('part_as_sent', { host: 'mercury.oli.test' })],
  ['shape', 'a learner is an integer', () => holds('part_as_sent', { learner: '8123' })],
  ['shape', 'and text in experiment assignments', () => holds('experiment_as_sent', { learner: '8123' })],
  [
    'shape',
    'object ids of attempts and views end in a stray brace, which stays',
    () => holds('page_as_sent', { object: expect.stringMatching(/}$/) }),
  ],
  [
    'shape',
    'those of videos and tutor messages do not',
    () => holds('tutor_message_of_several', { object: expect.not.stringMatching(/}$/) }),
  ],
  ['shape', 'attempts have times of whole seconds', () => holds('part_as_sent', { at: Date.UTC(2025, 8, 8, 7, 6, 5) * 1000 })],
  [
    'shape',
    'videos and tutor messages have microseconds',
    () => holds('video_played_as_sent', { at: Date.UTC(2025, 8, 8, 7, 6, 5) * 1000 + 4321 }),
  ],

  ['kinds', 'part attempt evaluated', () => isEvent('part_as_sent', 'part_attempt', 'events.attempt')],
  ['kinds', 'activity attempt evaluated', () => isEvent('activity_with_enrollment', 'activity_attempt', 'events.attempt')],
  ['kinds', 'page attempt evaluated', () => isEvent('page_as_sent', 'page_attempt', 'events.attempt')],
  ['kinds', 'page viewed, with a sub type', () => isEvent('page_viewed_as_sent', 'page_viewed', 'events.page-viewed')],
  ['kinds', 'video played', () => isEvent('video_played_as_sent', 'video_played', 'events.video')],
  ['kinds', 'video paused', () => isEvent('video_paused_as_sent', 'video_paused', 'events.video')],
  ['kinds', 'video seeked', () => isEvent('video_seeked_as_sent', 'video_seeked', 'events.video')],
  ['kinds', 'video completed', () => isEvent('video_completed_as_sent', 'video_completed', 'events.video')],
  ['kinds', 'tutor message', () => isEvent('tutor_message_of_several', 'tutor_message', 'events.tutor-message')],
  [
    'kinds',
    'tutor activity message, which was given up: its keys are not known',
    () => isEvent('tutor_activity_message', 'other', 'events.other'),
  ],
  ['kinds', 'experiment condition assigned', () => isEvent('experiment_as_sent', 'experiment_condition_assigned', 'events.other')],
  [
    'kinds',
    'completed is the word of attempts and of videos',
    () => isEvent('display_words_mean_nothing', 'video_completed', 'events.video'),
  ],
  [
    'kinds',
    'so verb and type decide together',
    () => {
      expect(kindOf(completed, types.question)).toBe('part_attempt')
      expect(kindOf('https://w3id.org/xapi/video/verbs/completed', types.question)).toBe('other')
      expect(kindOf('https://w3id.org/xapi/video/verbs/played', types.video)).toBe('video_played')
      expect(kindOf('completed', types.video)).toBe('other')
    },
  ],
  [
    'kinds',
    'a part attempt has the keys of an activity attempt and is none',
    () => holds('part_as_sent', { kind: 'part_attempt', activityAttemptNumber: 1 }),
  ],

  ['keys', 'section_id: an integer', () => holds('part_as_sent', { section: '303', profile: 'torus' })],
  ['keys', 'section_id: text where a browser sent it', () => holds('video_ids_as_text', { section: '303', project: '611', page: '9100' })],
  ['keys', 'project_id', () => needs('project_id', [...torus, 'experiment_condition_assigned'])],
  ['keys', 'publication_id', () => needs('publication_id', [...torus, 'experiment_condition_assigned'])],
  ['keys', 'enrollment_id: newer, an integer or null, perhaps in attempts too', () => needs('enrollment_id', [], [], torus)],
  ['keys', 'enrollment_id of a page attempt', () => holds('page_as_sent', { enrollment: '52007' })],
  ['keys', 'enrollment_id of null', () => holds('page_viewed_as_sent', { enrollment: null })],
  ['keys', 'enrollment_id of an activity attempt', () => holds('activity_with_enrollment', { enrollment: '52007' })],
  [
    'keys',
    'page_id: all but videos, and the old form of completed',
    () => needs('page_id', [...attempts, 'page_viewed', 'tutor_message', 'video_completed']),
  ],
  ['keys', 'resource_id: the page of a video', () => needs('resource_id', ['video_played', 'video_paused', 'video_seeked'])],
  ['keys', 'resource_id of the newer form of completed', () => holds('video_completed_as_sent', { page: '9001' })],
  ['keys', 'page_id of the older form of completed', () => holds('video_completed_of_old', { page: '9001', pageAttemptNumber: 1 })],
  [
    'keys',
    'page_attempt_guid: text, null for views and videos without an attempt',
    () => needs('page_attempt_guid', [...attempts, 'tutor_message'], ['page_viewed', ...videos]),
  ],
  [
    'keys',
    'page_attempt_guid of a view outside of an attempt',
    () => holds('page_viewed_without_attempt', { pageAttemptGuid: null, pageAttemptNumber: null }),
  ],
  [
    'keys',
    'page_attempt_guid of a video in an introduction',
    () => holds('video_of_an_introduction', { pageAttemptGuid: null, pageAttemptNumber: null }),
  ],
  [
    'keys',
    'page_attempt_number: an integer, null in the introduction of a module',
    () => needs('page_attempt_number', [...attempts, 'page_viewed', 'tutor_message'], videos),
  ],
  ['keys', 'activity_attempt_guid', () => needs('activity_attempt_guid', withActivity)],
  ['keys', 'activity_attempt_number', () => needs('activity_attempt_number', withActivity)],
  ['keys', 'activity_id', () => needs('activity_id', withActivity)],
  ['keys', 'activity_revision_id', () => needs('activity_revision_id', withActivity)],
  ['keys', 'part_attempt_guid', () => needs('part_attempt_guid', ['part_attempt'])],
  ['keys', 'part_attempt_number', () => needs('part_attempt_number', ['part_attempt'])],
  ['keys', 'part_id: text', () => needs('part_id', ['part_attempt'])],
  ['keys', 'part_id: a long slug in adaptive pages', () => holds('part_adaptive', { partId: 'janus_text_slider-3120447' })],
  ['keys', 'attached_objectives: a list of ids', () => holds('part_as_sent', { objectives: '[30511,30512]' })],
  ['keys', 'attached_objectives: an empty list', () => holds('part_adaptive', { objectives: '[]' })],
  ['keys', 'attached_objectives: seen as null', () => needs('attached_objectives', [], ['part_attempt'])],
  ['keys', 'hints_requested: a list of ids', () => holds('part_as_sent', { hints: '["h1","2894110"]' })],
  ['keys', 'hints_requested: any JSON', () => holds('part_hints_of_any_json', { hints: '{ "h1": 2, "h2": null }' })],
  ['keys', 'hints_requested: seen as null', () => needs('hints_requested', [], ['part_attempt'])],
  ['keys', 'session_id: text', () => holds('part_as_sent', { session: 'b2f6f7a0-44f6-4e31-a052-88dd33ee44ff' })],
  ['keys', 'session_id: null in practice', () => needs('session_id', [], ['part_attempt'])],
  ['keys', 'content_element_id', () => needs('content_element_id', videos)],
  ['keys', 'length: a number', () => holds('video_played_as_sent', { length: 241.88 })],
  [
    'keys',
    'length: not there when seeking',
    () => needs('length', [], ['video_played', 'video_paused', 'video_completed'], ['video_seeked']),
  ],
  [
    'keys',
    'completion-threshold: of completed alone, and nobody needs it',
    () => isEvent('video_completed_as_sent', 'video_completed', 'events.video'),
  ],
  [
    'keys',
    'experiment_attributions: each is an event',
    () =>
      expect(accepted(all.video_in_an_experiment!).derived.map(({ json }) => JSON.parse(json).role)).toEqual([
        'media_interaction',
        'exposure',
      ]),
  ],
  [
    'keys',
    'experiment_attributions: one in an assignment',
    () => expect(accepted(all.experiment_as_sent!).derived).toMatchObject([{ kind: 'experiment_attribution', learner: '8123' }]),
  ],
  ['keys', 'experiment_attributions: absent when there are none', () => expect(accepted(all.page_as_sent!).derived).toEqual([])],
  [
    'keys',
    'the category of videos is not needed',
    () => expect(verdict(changed('video_played', ['context', 'contextActivities'], undefined))).toBe('ok'),
  ],
  ['keys', 'nor is registration, which old ones do not have', () => isEvent('video_completed_of_old', 'video_completed', 'events.video')],

  ['result', 'score of an attempt: raw and max', () => holds('activity_with_enrollment', { score: 2 / 3, outOf: 2 })],
  ['result', 'score: integers and fractions are one', () => holds('part_as_sent', { score: 1, outOf: 1 })],
  ['result', 'score: max may be nought', () => holds('activity_out_of_nought', { score: 0, outOf: 0 })],
  [
    'result',
    'score: scaled and min are not needed',
    () => {
      for (const key of ['scaled', 'min']) expect(verdict(changed('part_attempt', [...score, key], undefined))).toBe('ok')
      for (const key of ['raw', 'max']) refuses('part_attempt', [...score, key], undefined, /^missing_key/)
    },
  ],
  ['result', 'response: any JSON, as written', () => holds('part_adaptive', { response: expect.stringContaining('"value":12.50') })],
  ['result', 'response: choices and text', () => holds('part_as_sent', { response: '{"files":[],"input":"2259671011 1788"}' })],
  ['result', 'response: text', () => holds('part_hints_of_any_json', { response: '"free text, in \\u00e9l\\u00e9gance"' })],
  ['result', 'response: null', () => holds('part_null_lists', { response: 'null' })],
  ['result', 'feedback: an object', () => holds('part_as_sent', { feedback: expect.stringMatching(/^\{"content":/) })],
  ['result', 'feedback: null', () => holds('part_adaptive', { feedback: 'null' })],
  ['result', 'feedback: text', () => holds('part_null_lists', { feedback: '"Not quite"' })],
  [
    'result',
    'completion and success are always true, and say nothing',
    () => {
      for (const key of ['completion', 'success']) expect(verdict(changed('part_attempt', ['result', key], false))).toBe('ok')
    },
  ],
  [
    'result',
    'an activity attempt has neither response nor feedback',
    () => holds('activity_with_enrollment', { response: null, feedback: null }),
  ],
  ['result', 'a page attempt has neither', () => holds('page_as_sent', { response: null, feedback: null })],
  ['result', 'a page view needs no result', () => expect(verdict(changed('page_viewed', ['result'], undefined))).toBe('ok')],
  ['result', 'a page view has its sub type in the definition', () => holds('page_viewed_as_sent', { pageSubType: 'assessment' })],
  ['result', 'played: time', () => holds('video_played_as_sent', { time: 0, timeFrom: null, playedSegments: null })],
  [
    'result',
    'paused: time, progress and segments',
    () => holds('video_paused_as_sent', { time: 61.5, progress: 0.0775, playedSegments: '0[.]17.25[,]60[.]61.5' }),
  ],
  ['result', 'completed: the same', () => holds('video_completed_as_sent', { time: 241.88, progress: 1, playedSegments: '0[.]241.88' })],
  ['result', 'seeked: from and to', () => holds('video_seeked_as_sent', { time: null, timeFrom: 17.25, timeTo: 60, length: null })],
  ['result', 'video values come from a browser: text', () => holds('video_ids_as_text', { length: '30', time: '1.25' })],
  [
    'result',
    'video values come from a browser: null',
    () => holds('video_values_of_null', { length: null, time: null, progress: null, playedSegments: null }),
  ],
  [
    'result',
    'video values come from a browser: absent',
    () => expect(verdict(changed('video_played', result('time'), undefined))).toBe('ok'),
  ],
  [
    'result',
    'video values come from a browser: anything else is refused',
    () => {
      for (const value of [true, [1], { a: 1 }]) refuses('video_paused', result('progress'), value, /^bad_value/)
    },
  ],
  [
    'result',
    'tutor_message: text with one message or several',
    () => holds('tutor_message_of_several', { message: expect.stringMatching(/^<message><tool_message .*<\/tutor_message><\/message>$/) }),
  ],
  [
    'result',
    'tutor_message: its ids are those of the activity attempt',
    () => holds('tutor_message_of_several', { activity: '4404', activityAttemptGuid: '7f3d9c10-22d4-4c1f-8e30-66bb11cc22dd' }),
  ],
  [
    'result',
    'tutor_message: without a message it is none',
    () => refuses('tutor_message', ['result', 'message'], undefined, /^missing_key/),
  ],
  [
    'result',
    'experiment_condition_assigned has no result',
    () => holds('experiment_without_enrollment', { kind: 'experiment_condition_assigned' }),
  ],
  [
    'result',
    'a reward sends the page attempt again: the same event, and its attribution',
    () => {
      const [sent, again] = [accepted(all.page_as_sent!), accepted(all.page_sent_again_for_its_reward!)]
      expect(again.event.id).toEqual(sent.event.id)
      expect(again.derived).toMatchObject([{ json: expect.stringContaining('"reward_value":0.750'), parent: sent.event.id }])
    },
  ],
  [
    'result',
    'a key that nobody knows changes nothing',
    () => expect(eventOf('page_viewed_with_newer_keys')).toEqual(eventOf('page_viewed_as_sent')),
  ],
]

test.each(lines)('%s: %s', (_about, _line, proof) => {
  proof()
})

test('every key of the context has its line', () => {
  const named = lines.filter(([about]) => about === 'keys').map(([, line]) => line.split(/[ :,]/)[0])
  const known = contextNeeds.map(({ path }) => path.at(-1)!.slice(path.at(-1)!.lastIndexOf('/') + 1))
  expect(known.filter(key => !named.includes(key))).toEqual([])
})
