import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

const pages = ['bench/README.md', 'docs/architecture.md', 'docs/guarantees.md', 'docs/operations.md']

/** `test/a/b`: a folder, or a suite without its ending. */
const suite = /`(test\/[\w./-]+)`/g
const link = /\]\((?!\w+:|#)([^)#]+)/g

const isThere = (path: string) => ['', '.ts', '.test.ts'].some(ending => existsSync(path + ending))
const found = (page: string, pattern: RegExp) => Array.from(readFileSync(page, 'utf8').matchAll(pattern), ([, path]) => path!)

/** A promise whose proof has been renamed looks proven, and nobody finds out. */
test.each(pages)('%s names tests that exist', page => {
  expect(found(page, suite).filter(path => !isThere(path))).toEqual([])
})

// The README names tests that whoever adds something is to write.
test.each([...pages, 'README.md', 'CHANGELOG.md'])('links of %s lead to files', page => {
  expect(found(page, link).filter(path => !existsSync(posix.join(posix.dirname(page), path)))).toEqual([])
})

/** Behind the first test of a folder, names alone: `test/integration/history`, `two-instances`. */
test('suites that the guarantees name without their folder exist', () => {
  const cells = readFileSync('docs/guarantees.md', 'utf8')
    .split('\n')
    .filter(line => line.startsWith('| ') && line.includes('`test/'))
    .map(line => line.split(' | ').at(-1)!)
  const missing = cells.flatMap(cell => {
    let folder = ''
    return Array.from(cell.matchAll(/`([\w./-]+)`/g), ([, name]) => name!).filter(name => {
      if (name.startsWith('test/')) {
        folder = existsSync(name) ? name : posix.dirname(name)
        return false
      }
      return folder !== '' && /^[a-z]+(-[a-z]+)+$/.test(name) && !isThere(posix.join(folder, name))
    })
  })
  expect(missing).toEqual([])
})
