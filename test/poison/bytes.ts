import { randomBytes } from '../driver/random-bytes.js'
import { type Poison, raw, spoilt } from './poison.js'

/** The byte order mark: in UTF-8 it means nothing but itself. */
const mark = '\ufeff'
const around = (text: string, from: string, bytes: readonly number[]) => {
  const at = text.indexOf(from) + from.length
  return Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from(bytes), Buffer.from(text.slice(at))])
}
const answer = '"input":"a'

/** Lines that are no JSON object, or no text at all, and some that only look so. */
export const bytes: readonly Poison[] = [
  raw('an empty object', '{}', 'missing_key'),
  raw('null alone', 'null', 'invalid_json'),
  raw('a number alone', '42', 'invalid_json'),
  raw('text alone', '"a statement"', 'invalid_json'),
  raw('an empty list', '[]', 'invalid_json'),
  spoilt('a statement in a list', 'page_viewed', text => `[${text}]`, 'invalid_json'),
  spoilt('two statements in one line', 'page_viewed', text => `${text}${text}`, 'invalid_json'),
  spoilt('a colon left out', 'part_attempt', text => text.replace('"context":', '"context"'), 'invalid_json'),
  spoilt('a comma too many', 'part_attempt', text => text.replace('{"actor"', '{,"actor"'), 'invalid_json'),
  spoilt('a comma at the end', 'part_attempt', text => text.replace(/}$/, ',}'), 'invalid_json'),
  spoilt('single quotes', 'part_attempt', text => text.replaceAll('"', "'"), 'invalid_json'),
  spoilt('a comment', 'part_attempt', text => `${text} // as sent`, 'invalid_json'),
  spoilt('cut off in the middle', 'part_attempt', text => text.slice(0, text.length >> 1), 'invalid_json'),
  spoilt('cut off in an escape', 'part_attempt', text => text.replace(/"input":"a b".*/, '"input":"a\\'), 'invalid_json'),
  spoilt('one byte missing', 'part_attempt', text => text.slice(0, -1), 'invalid_json'),
  spoilt('not a number', 'part_attempt', text => text.replace('"raw":0.5', '"raw":NaN'), 'invalid_json'),
  spoilt('a number with a leading nought', 'part_attempt', text => text.replace('"raw":0.5', '"raw":00.5'), 'invalid_json'),
  spoilt('a raw NUL in a string', 'part_attempt', text => text.replace(answer, `${answer}\0`), 'invalid_json'),
  spoilt('a raw NUL between tokens', 'part_attempt', text => text.replace('"context":', '"context":\0'), 'invalid_json'),
  spoilt('a raw tab in a string', 'part_attempt', text => text.replace(answer, `${answer}\t`), 'invalid_json'),
  spoilt('a no-break space between tokens', 'part_attempt', text => text.replace('"context":', '"context":\u00a0'), 'invalid_json'),
  spoilt('a byte order mark before the statement', 'part_attempt', text => `${mark}${text}`, 'invalid_json'),
  spoilt('a byte order mark between tokens', 'part_attempt', text => text.replace('"context":', `"context":${mark}`), 'invalid_json'),
  spoilt('a byte order mark in a string', 'part_attempt', text => text.replace(answer, `${answer}${mark}`), 'part_attempt'),
  spoilt('bytes that are no character', 'part_attempt', text => around(text, answer, [0xc3, 0x28]), 'invalid_utf8'),
  spoilt('a character longer than it need be', 'part_attempt', text => around(text, answer, [0xc0, 0xaf]), 'invalid_utf8'),
  spoilt('half a surrogate pair as bytes', 'part_attempt', text => around(text, answer, [0xed, 0xa0, 0xbd]), 'invalid_utf8'),
  spoilt(
    'half a character at the end',
    'part_attempt',
    text => Buffer.concat([Buffer.from(text), Buffer.from([0xf0, 0x9f])]),
    'invalid_utf8',
  ),
  spoilt('bad bytes in a key that nobody reads', 'part_attempt', text => around(text, '{"', [0xff]), 'invalid_utf8'),
  spoilt('Latin-1', 'part_attempt', text => Buffer.from(text.replace(answer, `${answer}é`), 'latin1'), 'invalid_utf8'),
  spoilt('UTF-16', 'page_viewed', text => Buffer.from(text, 'utf16le'), 'invalid_json'),
  spoilt('UTF-16 with its mark', 'part_attempt', text => Buffer.from(`${mark}${text}`, 'utf16le'), 'invalid_utf8'),
  raw('bytes of a compressed file', Buffer.from(randomBytes(7, 4000).map(byte => byte | 0x80)), 'invalid_utf8'),
  raw('no character at all', '', 'blank'),
  raw('white space', ' \t ', 'blank'),
  spoilt('a carriage return at the end', 'part_attempt', text => `${text}\r`, 'part_attempt'),
  spoilt('a carriage return between tokens', 'part_attempt', text => text.replace('"context":', '"context":\r'), 'part_attempt'),
  spoilt('line separators in a string', 'part_attempt', text => text.replace(answer, `${answer}\u2028\u2029\u0085`), 'part_attempt'),
  spoilt('a string of 10 MB', 'part_attempt', text => text.replace(answer, `${answer}${'x'.repeat(10 << 20)}`), 'too_large'),
  spoilt('2 MB that are no JSON', 'part_attempt', text => `${text}${'}'.repeat(2 << 20)}`, 'too_large'),
]
