import { readFileSync } from 'node:fs'
import { pages } from '../../commands/docs-pages.js'
import { describeTopology } from '../../topology.js'

/** Said once, in the code: a page that is written by hand drifts. */
test.each(Object.entries(pages))('%s is what the tables say (`npm run docs` makes it anew)', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('the README has the picture that `tributary topology` prints', () => {
  expect(readFileSync('README.md', 'utf8')).toContain(`\n${describeTopology({ prefix: '', generation: 1 })}\n`)
})
