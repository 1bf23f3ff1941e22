import { sumText } from '../../commands/backfill-text.js'
import { maxRefused, tooManyRefused } from '../../commands/max-refused.js'
import { noRunCounts } from '../../producers/object-counts.js'
import type { BackfillSum } from '../../runtime/backfill/request.js'

const { parse, absent } = maxRefused('n', '')
const limit = (given: string) => parse(given)
const sum = (deadLetters: Readonly<Record<string, number>> | null, refused = {}): BackfillSum => ({
  id: 'r1',
  objects: 1,
  skipped: 0,
  bytes: 1000,
  lines: 11,
  blank: 1,
  published: 10,
  refused,
  seconds: 1,
  notTaken: [],
  empty: [],
  loads: { sections: ['1'], categories: {} },
  before: noRunCounts,
  outcome: deadLetters === null ? null : { events: 10 - Object.values(deadLetters).reduce((a, b) => a + b, 0), duplicates: 0, deadLetters },
  sealed: true,
})

test.each<[string | null, Readonly<Record<string, number>> | null, object, boolean]>([
  [null, { invalid_json: 6 }, {}, true],
  [null, { invalid_json: 5 }, {}, false],
  [null, { invalid_json: 3 }, { too_large: 3 }, true],
  [null, null, { too_large: 6 }, true],
  [null, null, {}, false],
  ['0', { invalid_json: 1 }, {}, true],
  ['0%', { invalid_json: 1 }, {}, true],
  ['1', { invalid_json: 1 }, {}, false],
  ['9.5%', { invalid_json: 1 }, {}, true],
  ['100%', { invalid_json: 10 }, {}, false],
])('of ten lines with --max-refused %s dead letters %j and refusals %j are too many: %s', (given, deadLetters, refused, tooMany) => {
  expect(tooManyRefused(sum(deadLetters, refused), given === null ? absent! : limit(given)) !== null).toBe(tooMany)
})

test('what is no number and no share is refused', () => {
  for (const given of ['', 'half', '-1', '101%', '1.5', '%']) expect(() => limit(given)).toThrow('must be a number of lines')
})

test('the text adds up in two steps, and names the codes', () => {
  const lines = sumText(sum({ invalid_json: 8, missing_key: 1 })).split('\n')
  expect(lines.slice(-6)).toEqual([
    'REFUSED BY ROUTE (DEAD-LETTERS)  LINES',
    'invalid_json                         8',
    'missing_key                          1',
    '',
    'published 10 = events 1 + duplicates 0 + dead letters 9',
    'lines 11 = blank 1 + published 10 + refused 0',
  ])
  expect(tooManyRefused(sum({ invalid_json: 9 }), absent!)).toBe(
    '9 of 10 lines were refused, more than --max-refused 50% allows: `tributary dead-letters list` shows why.',
  )
})
