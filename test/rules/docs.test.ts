import { readFileSync } from 'node:fs'
import { pages } from '../../commands/docs-pages.js'

/** Said once, in the code: a page that is written by hand drifts. */
test.each(Object.entries(pages))('%s is what the tables say (`npm run docs` makes it anew)', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text)
})
