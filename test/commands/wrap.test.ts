import { table } from '../../commands/terminal/table.js'
import { lengthOf, wrap } from '../../commands/terminal/wrap.js'

const hash = '9b27e83b65c90377dab98412b40da6b8c8033d7f2ec21a71ceb5a5b4865994d8'
const object =
  's3://demo-history-1b145ac9203e/section/145/attempt_evaluated/2024-09-20T16-48-09.736920Z_98BDEA613A688218BBF4576BD20F3BA1.jsonl#27'

test('lines are broken at blanks, and set in below the value', () => {
  expect(wrap(`code      bad_value: the text of the reason is longer than the line\nshort`, 40)).toBe(
    ['code      bad_value: the text of the', '          reason is longer than the line', 'short'].join('\n'),
  )
  expect(wrap('  - a promise that was not kept, which is said at length', 30)).toBe(
    ['  - a promise that was not', '    kept, which is said at', '    length'].join('\n'),
  )
})

test('hashes and names stay whole; a path is broken behind a slash', () => {
  expect(wrap(`with the kill   15,079 rows  sha256 ${hash}  equal`, 80)).toBe(
    [`with the kill   15,079 rows  sha256`, `                ${hash}`, '                equal'].join('\n'),
  )
  expect(wrap(`source     ${object}`, 80)).toBe(
    [
      'source     s3://demo-history-1b145ac9203e/section/145/attempt_evaluated/',
      '           2024-09-20T16-48-09.736920Z_98BDEA613A688218BBF4576BD20F3BA1.jsonl#27',
    ].join('\n'),
  )
  expect(wrap(`source     ${object}`, 74)).toMatch(/\n {2}2024/)
  // No place to break it: the terminal does, and nothing is lost.
  expect(wrap(hash, 40)).toBe(hash)
})

test('nothing but blanks and line ends is added or lost, and only what cannot be broken is too wide', () => {
  const words = ['a', hash, object, 'reason:', '/', '//', 'größer', 'x/'.repeat(60), 'rows  ', '   ']
  for (let seed = 1; seed < 400; seed++) {
    const text = Array.from({ length: 1 + (seed % 9) }, (_, i) => words[(seed * 7 + i * i * 3) % words.length]).join(' ')
    const columns = 20 + ((seed * 13) % 90)
    const shown = wrap(text, columns)
    expect(shown.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
    for (const line of shown.split('\n'))
      if (lengthOf(line) > columns)
        expect(
          line
            .trim()
            .replace(/\/(?!$)/g, '')
            .split(/\s+/).length,
        ).toBe(1)
  }
})

test('a pipe gets its lines as they are', () => {
  expect(wrap(object.repeat(3), Number.POSITIVE_INFINITY)).toBe(object.repeat(3))
})

test('a table that is too wide goes on below each row', () => {
  const head = ['dataset', 'rows', 'complete through', 'age']
  const rows = [
    ['attempts', 11045, '2026-11-29T02:36:46.867Z', '14 s'],
    ['learners', 391, '2026-11-29T02:36:46.867Z', '9 s'],
  ]
  expect(table(head, rows, 32)).toBe(
    [
      'DATASET     ROWS',
      '  COMPLETE THROUGH          AGE',
      'attempts  11,045',
      '  2026-11-29T02:36:46.867Z  14 s',
      'learners     391',
      '  2026-11-29T02:36:46.867Z  9 s',
    ].join('\n'),
  )
  expect(table(head, rows, 100)).toBe(table(head, rows))
})
