import { randomText } from '../driver/random-bytes.js'
import { context, oli, video } from '../processors/route/statements.js'
import { limit, type Poison, spoilt, with_, written } from './poison.js'

const depth = 100_000
export const nestedLists = `${'['.repeat(depth)}${']'.repeat(depth)}`
export const nestedObjects = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const digits = (length: number) => '1234567890'.repeat(Math.ceil(length / 10)).slice(0, length)
const response = ['result', 'response']
const name = ['actor', 'account', 'name']
const type = ['object', 'definition', 'type']
const title = ['object', 'definition', 'name', 'en-US']
const beside = (text: string, member: string) => text.replace('{"actor"', () => `{${member},"actor"`)
const members = (count: number) => Array.from({ length: count }, (_, i) => `"k${i}":${i}`).join(',')

const nesting: readonly Poison[] = [
  written('an answer of 100,000 lists', 'part_attempt', response, nestedLists, 'part_attempt'),
  written('an answer of 100,000 objects', 'part_attempt', response, nestedObjects, 'part_attempt'),
  written('feedback of 100,000 objects', 'part_attempt', ['result', 'extensions', `${oli}feedback`], nestedObjects, 'part_attempt'),
  spoilt('100,000 objects in a key that nobody reads', 'part_attempt', text => beside(text, `"more":${nestedObjects}`), 'part_attempt'),
  written('an id of 100,000 lists', 'part_attempt', context('page_id'), nestedLists, 'bad_value'),
  written('a section of 100,000 objects', 'part_attempt', context('section_id'), nestedObjects, 'bad_value'),
  written('a course of 100,000 lists', 'xapi_video', ['context', 'contextActivities', 'parent'], nestedLists, 'video_played'),
  written('another statement with 100,000 objects', 'other_torus', ['result'], nestedObjects, 'other'),
  written('attributions of 100,000 lists', 'page_attempt_attributed', context('experiment_attributions'), nestedLists, 'page_attempt'),
  spoilt('a statement in 100,000 lists', 'part_attempt', text => `${'['.repeat(depth)}${text}${']'.repeat(depth)}`, 'invalid_json'),
  spoilt('100,000 lists that do not close', 'part_attempt', text => `${text.slice(0, -1)},"more":${'['.repeat(depth)}`, 'invalid_json'),
  written('an answer of 50,000 keys', 'part_attempt', response, `{${members(50_000)}}`, 'part_attempt'),
  written('another statement with 50,000 keys', 'other_torus', ['result'], `{${members(50_000)}}`, 'other'),
  written('an answer of 200,000 empty lists', 'part_attempt', response, `[${'[],'.repeat(200_000)}[]]`, 'part_attempt'),
]

const numbers: readonly Poison[] = [
  written('a score beyond all numbers', 'page_attempt', ['result', 'score', 'raw'], '1e400', 'bad_value'),
  written('a score below all numbers', 'page_attempt', ['result', 'score', 'raw'], '-1e400', 'bad_value'),
  written('a score next to nothing', 'page_attempt', ['result', 'score', 'raw'], '1e-400', 'page_attempt'),
  written('a score of 400 digits', 'page_attempt', ['result', 'score', 'max'], digits(400), 'bad_value'),
  written('a score of 300 digits', 'page_attempt', ['result', 'score', 'max'], digits(300), 'page_attempt'),
  written('a score of 100,000 decimals', 'page_attempt', ['result', 'score', 'raw'], `0.${digits(100_000)}`, 'page_attempt'),
  written('a score of minus nought', 'page_attempt', ['result', 'score', 'raw'], '-0.0', 'page_attempt'),
  written('an id of 400 digits', 'page_attempt', context('page_id'), digits(400), 'bad_value'),
  written('an id that a double cannot hold', 'page_attempt', context('page_id'), '9007199254740993', 'bad_value'),
  written('an id with an exponent', 'page_attempt', context('page_id'), '26e3', 'page_attempt'),
  written('an id of minus nought', 'page_attempt', context('page_id'), '-0', 'page_attempt'),
  written('a learner of minus nought', 'page_attempt', name, '-0', 'page_attempt'),
  written('a learner beyond all numbers', 'page_attempt', name, '1e400', 'bad_value'),
  written('a section with an exponent', 'page_attempt', context('section_id'), '59e0', 'page_attempt'),
  written('the largest exact attempt number', 'page_attempt', context('page_attempt_number'), '9007199254740991', 'bad_value'),
  written('the smallest exact attempt number', 'page_attempt', context('page_attempt_number'), '-9007199254740991', 'bad_value'),
  written('an attempt number of sixteen digits', 'page_attempt', context('page_attempt_number'), '-4503599627370497', 'bad_value'),
  written('an attempt number of fifteen digits', 'page_attempt', context('page_attempt_number'), '999999999999999', 'page_attempt'),
  written('an attempt number of sixteen digits as text', 'page_attempt', context('page_attempt_number'), '"9007199254740991"', 'bad_value'),
  written('a length beyond all numbers', 'video_played', ['context', 'extensions', `${video}length`], '1e400', 'bad_value'),
  written('a time of 300 digits', 'video_played', ['result', 'extensions', `${video}time`], digits(300), 'video_played'),
  written('an answer of odd numbers', 'part_attempt', response, `[1e400,-0,${digits(100_000)},1.0,1E+3]`, 'part_attempt'),
  written('a hint beyond all numbers', 'part_attempt', context('hints_requested'), '[1e400,-0,12345678901234567890]', 'part_attempt'),
]

const prototypes: readonly Poison[] = [
  spoilt('a statement in __proto__', 'page_viewed', text => `{"__proto__":${text}}`, 'missing_key'),
  spoilt(
    'a prototype beside',
    'page_viewed',
    text => beside(text, '"__proto__":{"verb":1,"actor":2},"constructor":{"prototype":3}'),
    'page_viewed',
  ),
  spoilt(
    'prototypes everywhere',
    'part_attempt',
    text => text.replaceAll('{"', () => '{"__proto__":{"id":null},"toString":1,"'),
    'part_attempt',
  ),
  spoilt('a context in __proto__', 'page_viewed', text => text.replace('"context":', '"__proto__":'), 'page_viewed'),
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'].flatMap(word => [
    with_(`a learner called ${word}`, 'page_viewed', name, word, 'page_viewed'),
    with_(`a section called ${word}`, 'page_viewed', context('section_id'), word, 'page_viewed'),
    with_(`a verb called ${word}`, 'page_viewed', ['verb', 'id'], word, 'other'),
    with_(`a type called ${word}`, 'page_viewed', type, word, 'other'),
    written(`a title in the language ${word}`, 'video_played', ['object', 'definition', 'name'], `{"${word}":"A title"}`, 'video_played'),
    written(`a type that has no ${word}`, 'page_viewed', type, `{"${word}":1,"valueOf":2}`, 'other'),
    written(`an answer that has no ${word}`, 'part_attempt', response, `{"${word}":1}`, 'part_attempt'),
  ]),
  written('a type in a list', 'page_viewed', type, '["http://oli.cmu.edu/extensions/types/page"]', 'other'),
]

const repeated: readonly Poison[] = [
  spoilt('an actor twice', 'page_viewed', text => beside(text, '"actor":{"account":{"homePage":"elsewhere","name":1}}'), 'page_viewed'),
  spoilt(
    'an actor twice, the last without a name',
    'page_viewed',
    text => text.replace(/}$/, ',"actor":{"account":{"homePage":"h"}}}'),
    'missing_key',
  ),
  spoilt('a time twice, the last bad', 'page_viewed', text => text.replace(/}$/, ',"timestamp":"soon"}'), 'bad_value'),
  spoilt('a time twice, the first bad', 'page_viewed', text => beside(text, '"timestamp":"soon"'), 'page_viewed'),
  spoilt(
    'a section twice',
    'page_viewed',
    text => text.replace(`"${oli}section_id":`, () => `"${oli}section_id":1,"${oli}section_id":`),
    'page_viewed',
  ),
  spoilt(
    'a section twice in two spellings',
    'page_viewed',
    text => text.replace(`"${oli}section_id":`, () => `"${oli.replaceAll('/', '\\/')}section_id":1,"${oli}section_id":`),
    'page_viewed',
  ),
  spoilt('a context twice, the last empty', 'page_viewed', text => text.replace(/}$/, ',"context":{}}'), 'page_viewed'),
  spoilt('a context twice, the last null', 'page_viewed', text => text.replace(/}$/, ',"context":null}'), 'page_viewed'),
  written(
    'keys twice in an answer',
    'part_attempt',
    response,
    '{"input":1,"input":2,"in\\u0070ut":3,"__proto__":4,"__proto__":5}',
    'part_attempt',
  ),
  written(
    'another statement with keys twice',
    'other_torus',
    ['result'],
    '{"a":1,"b":{"c":1,"c":2},"\\u0061":3,"__proto__":4,"__proto__":5}',
    'other',
  ),
  spoilt('attributions twice', 'page_attempt_attributed', text => text.replace(/}$/, ',"context":{"extensions":{}}}'), 'page_attempt'),
  spoilt(
    'all keys in escapes',
    'page_viewed',
    text => text.replace(/"(\w+)":/g, (_, key: string) => `"${key.replace(/./g, c => `\\u00${c.charCodeAt(0).toString(16)}`)}":`),
    'page_viewed',
  ),
]

/** As long as a statement can be, nearly, and hardly to be compressed: a record that has it twice is too long for the log. */
const long = randomText(11, limit - 4096)

const sizes: readonly Poison[] = [
  with_('an answer of 1 MB', 'part_attempt', response, { input: long }, 'part_attempt'),
  with_('a title of 1 MB', 'video_played', title, long, 'video_played'),
  with_('a session of 1 MB', 'part_attempt', context('session_id'), long, 'part_attempt'),
  with_('a tutor message of 1 MB', 'tutor_message', ['result', 'message'], `<message>${long}</message>`, 'tutor_message'),
  with_('another statement of 1 MB', 'other_torus', ['result'], { text: long }, 'other'),
  with_('a type of 1 MB', 'page_viewed', type, long, 'other'),
  with_('a statement id of 1 MB', 'xapi_other', ['id'], long, 'other'),
  spoilt('a key of 1 MB that nobody reads', 'page_viewed', text => beside(text, `"${long}":1`), 'page_viewed'),
  written('a title that is no text, in a language of 1 MB', 'video_played', ['object', 'definition', 'name'], `{"${long}":1}`, 'bad_value'),
  with_('a verb of 1 MB', 'other_torus', ['verb', 'id'], long, 'bad_value'),
  with_('an object of 1 MB', 'other_torus', ['object', 'id'], long, 'bad_value'),
  with_('a learner of 1 MB', 'page_viewed', name, long, 'bad_value'),
  with_('a learner of 1 MB of percents', 'page_viewed', name, '%'.repeat(limit - 4096), 'bad_value'),
  with_('a mailbox of 1 MB', 'xapi_other_mbox', ['actor', 'mbox'], long, 'bad_value'),
  with_('a host of 1 MB', 'page_viewed', ['actor', 'account', 'homePage'], long, 'bad_value'),
  with_('a section of 1 MB', 'page_viewed', context('section_id'), long, 'bad_value'),
  with_('a course of 1 MB', 'xapi_video', ['context', 'contextActivities', 'parent', 'id'], long, 'bad_value'),
  with_('a name, host and section that are long together', 'page_viewed', name, 'n'.repeat(1020), 'bad_value'),
  with_(
    '100 attributions',
    'page_attempt',
    context('experiment_attributions'),
    Array.from({ length: 100 }, (_, i) => ({ role: i })),
    'page_attempt',
  ),
  with_(
    '101 attributions',
    'page_attempt',
    context('experiment_attributions'),
    Array.from({ length: 101 }, (_, i) => ({ role: i })),
    'bad_value',
  ),
  with_(
    '100,000 attributions',
    'page_attempt',
    context('experiment_attributions'),
    Array.from({ length: 100_000 }, (_, i) => i),
    'bad_value',
  ),
]

/** JSON that is an object, of a size, depth or spelling that nobody expects. */
export const structure: readonly Poison[] = [...nesting, ...numbers, ...prototypes, ...repeated, ...sizes]
