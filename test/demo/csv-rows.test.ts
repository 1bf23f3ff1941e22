import { csvRows } from '../../demo/csv-rows.js'

test.each([
  ['a,b\n1,2\n', ['a,b', '1,2']],
  ['a\n"1\n2"\n3\n', ['a', '"1\n2"', '3']],
  ['a\n"say ""x\ny"""\n', ['a', '"say ""x\ny"""']],
  ['a\nno end', ['a', 'no end']],
  ['', []],
])('%j', (text, rows) => {
  expect(csvRows(Buffer.from(text))).toEqual(rows)
})
