import { context, oli, video } from '../processors/route/statements.js'
import { type Poison, raw, spoilt, with_, written } from './poison.js'

const response = ['result', 'response']
const feedback = ['result', 'extensions', `${oli}feedback`]
const answers = [
  'null',
  '42',
  '"in words"',
  '[]',
  '{"files":[],"input":7.0}',
  '{"files":[],"input":["a","b"]}',
  '{"input":null}',
  '{"10":"ten","2":"two","input":"a, \\"b\\"\\nc é"}',
  '{"input":{"big":9007199254740993,"small":1e-7,"exp":1e3}}',
  'true',
  '{}',
]
const comments = ['"in words"', '{"id":"1","content":null}', '{"content":[{"text":"flat"}]}', '7', 'null']
const lost = ['timestamp', 'actor', 'project_id', 'page_attempt_guid'] as const
const said = (what: string, text: string) =>
  with_(what, 'part_attempt', response, { files: [], input: `before ${text} after` }, 'part_attempt')
const repeat = '{"once":"more"}'

/** What a platform really sends when something is wrong with it, in the order of what is worst. */
export const torusDamage: readonly Poison[] = [
  spoilt('Torus: a colon lost', 'activity_attempt', text => text.replace('"context":', '"context"'), 'invalid_json'),
  spoilt('Torus: a line cut off', 'video_paused', text => text.slice(0, 300), 'invalid_json'),
  raw('Torus: a blank line', '   ', 'blank'),
  spoilt('Torus: a line end of Windows', 'page_viewed', text => `${text}\r`, 'page_viewed'),
  ...lost.map(key =>
    with_(
      `Torus: ${key} lost`,
      'page_attempt',
      key === 'timestamp' ? [key] : key === 'actor' ? [key, 'account'] : context(key),
      undefined,
      'missing_key',
    ),
  ),
  said('Torus: separators in an answer', 'a\u2028b\u0085c\u2029d'),
  said('Torus: control characters in an answer', '\u0001 \u000b \u001f\u007f \u0000'),
  said('Torus: an emoji in an answer', '👩🏽‍🔬 𝘯 ✅'),
  said('Torus: character references in an answer', '&#1; &#xD800; &amp; <b>]]></b>'),
  written('Torus: half an emoji in an answer', 'part_attempt', response, '{"files":[],"input":"\\ud83d"}', 'part_attempt'),
  ...answers.map(json => written(`Torus: an answer ${json}`, 'part_attempt', response, json, 'part_attempt')),
  ...comments.map(json => written(`Torus: feedback ${json}`, 'part_attempt', feedback, json, 'part_attempt')),
  with_('Torus: objectives of null', 'part_attempt', context('attached_objectives'), null, 'part_attempt'),
  with_('Torus: hints of null', 'part_attempt', context('hints_requested'), null, 'part_attempt'),
  with_('Torus: a part that is a number', 'part_attempt', context('part_id'), 1, 'part_attempt'),
  with_('Torus: an answer of 40 kB', 'part_attempt', response, { input: 'well, '.repeat(7000) }, 'part_attempt'),
  with_('Torus: a learner as text', 'page_viewed', ['actor', 'account', 'name'], '77001', 'page_viewed'),
  with_('Torus: a project as text', 'video_played', context('project_id'), '31', 'video_played'),
  with_('Torus: a length as text', 'video_paused', ['context', 'extensions', `${video}length`], '60.5', 'video_paused'),
  with_('Torus: a time of null', 'video_played', ['result', 'extensions', `${video}time`], null, 'video_played'),
  spoilt('Torus: completed in its old form', 'video_completed', text => text, 'video_completed'),
  with_('Torus: an activity nobody knows', 'activity_attempt', context('activity_id'), 990_001, 'activity_attempt'),
  with_('Torus: a verb nobody knows', 'video_played', ['verb', 'id'], 'https://w3id.org/xapi/video/verbs/interacted', 'other'),
  with_('Torus: a type nobody knows', 'activity_attempt', ['object', 'definition', 'type'], `${oli}poll`, 'other'),
  with_('Torus: a time to come', 'page_viewed', ['timestamp'], '2099-05-01T00:00:00Z', 'page_viewed'),
  written('Torus: a line that comes again', 'part_attempt', response, repeat, 'part_attempt'),
]
