import { errors, isTributaryError, TributaryError } from '../../schemas/errors.js'
import { sources } from './sources.js'

const product = sources.filter(({ path }) => !/^(test|bench)\//.test(path))

/** A code that nobody throws is a promise of the documentation that nobody keeps. To ask for a code is not to throw it. */
test.each(Object.keys(errors))('%s is thrown somewhere', code => {
  const users = product.filter(
    ({ path, text }) => path !== 'schemas/errors.ts' && text.replace(/isTributaryError\([^)]*\)/g, '').includes(`'${code}'`),
  )
  expect(users.map(({ path }) => path)).not.toEqual([])
})

/** What happened is in the table; the text says what was being done: "writing manifest: …". */
test('no text says that something "failed to"', () => {
  const found = product.flatMap(({ path, text }) => [...text.matchAll(/.*failed to.*/gi)].map(([line]) => `${path}: ${line.trim()}`))
  expect(found).toEqual([])
})

test('the texts of the table fit the sentence they stand in', () => {
  for (const { says, todo } of Object.values(errors)) {
    expect(says).toMatch(/^[^.]+[^.\s]$/)
    expect(todo).toMatch(/[^.\s]$/)
  }
})

test('an error says what happened, where, and what to do', () => {
  const error = new TributaryError('S3_REFUSED', 'writing manifest: 403')
  expect(error.message).toBe(`S3_REFUSED ${errors.S3_REFUSED.says} (writing manifest: 403). To fix: ${errors.S3_REFUSED.todo}`)
  expect([isTributaryError(error), isTributaryError(error, 'FENCED'), isTributaryError({ code: 'ENOENT' })]).toEqual([true, false, false])
})
