import { existsSync, readFileSync } from 'node:fs'
import { staleDocs } from '../../commands/docs-stale.js'

const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : null)
const what = (stale: ReturnType<typeof staleDocs>) => stale.map(each => each.what)

/** Facts stand once, in the code: a page that repeats them by hand drifts. */
test('what is made from the code in docs/ and in the README is fresh; `npm run docs` writes what is named here', () => {
  expect(what(staleDocs(read))).toEqual([])
})

test('a stale part is named, not printed, and written in its place', () => {
  const edited = (read('README.md') ?? '').replace('--[route]--> xapi', '').replace('xapi --[route]--> events.video.g2\n', '')
  const stale = staleDocs(path => (path === 'README.md' ? edited : read(path)))
  expect(what(stale)).toEqual(['README.md (topology)'])
  expect(stale[0]!.text === read('README.md') ? 'restored' : 'differs').toBe('restored')
})

test('a missing page, and a page without the place of its part, are named', () => {
  expect(what(staleDocs(path => (path === 'docs/topics.md' ? null : read(path))))).toEqual(['docs/topics.md'])
  expect(() => staleDocs(path => (path === 'README.md' ? '# Tributary\n' : read(path)))).toThrow(
    'README.md has no place for topology: the lines\n<!-- begin topology: written by `npm run docs` -->\n<!-- end topology -->\nsay where it goes',
  )
})
