import { mergeContent, rowsBetween } from '../../sinks/merge-content.js'

const rowsOf = (text: string, head: string, tail: string) => rowsBetween(Buffer.from(text), head, tail)?.toString() ?? null
const merged = (files: readonly string[], head: string, tail: string) =>
  mergeContent(
    files.map(file => rowsBetween(Buffer.from(file), head, tail)!),
    head,
    tail,
  ).toString()

it('has one head, all rows in order, one tail', () => {
  expect(merged(['h\n1\nend', 'h\n2\n3\nend', 'h\nend'], 'h\n', 'end')).toBe('h\n1\n2\n3\nend')
  expect(merged(['é\n1\n', 'é\n2\n'], 'é\n', '')).toBe('é\n1\n2\n')
  expect(merged(['h\n1\n'], 'h\n', '')).toBe('h\n1\n')
})

it.each([
  ['another head', 'H\n2\n', 'h\n', ''],
  ['an empty file', '', 'h\n', ''],
  ['a cut tail', 'h\n1\nen', 'h\n', 'end'],
  ['head and tail that overlap', 'aa', 'aa', 'a'],
])('finds no rows in %s', (_, file, head, tail) => {
  expect(rowsOf(file, head, tail)).toBeNull()
})
