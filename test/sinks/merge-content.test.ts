import { isTributaryError } from '../../schemas/errors.js'
import { mergeContent } from '../../sinks/merge-content.js'

const buffers = (...texts: string[]) => texts.map(text => Buffer.from(text))

it('has one head, all rows in order, one tail', () => {
  expect(mergeContent(buffers('h\n1\nend', 'h\n2\n3\nend', 'h\nend'), 'h\n', 'end').toString()).toBe('h\n1\n2\n3\nend')
  expect(mergeContent(buffers('é\n1\n', 'é\n2\n'), 'é\n', '').toString()).toBe('é\n1\n2\n')
  expect(mergeContent(buffers('h\n1\n'), 'h\n', '').toString()).toBe('h\n1\n')
})

it.each([
  ['another head', ['h\n1\n', 'H\n2\n'], 'h\n', '', 'file 2 of 2 does not begin with the head'],
  ['an empty file', [''], 'h\n', '', 'file 1 of 1 does not begin with the head'],
  ['a cut tail', ['h\n1\nend', 'h\n1\nen'], 'h\n', 'end', 'file 2 of 2 does not end with the tail'],
  ['head and tail that overlap', ['aa'], 'aa', 'a', 'does not begin with the head'],
])('refuses %s', (_, files, head, tail, message) => {
  let thrown: unknown
  try {
    mergeContent(buffers(...files), head, tail)
  } catch (error) {
    thrown = error
  }
  expect(isTributaryError(thrown, 'S3_CONTENT_DIFFERS')).toBe(true)
  expect(String(thrown)).toContain(message)
})
