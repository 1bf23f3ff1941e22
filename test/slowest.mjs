/** What a run of the tests says of its own time: the slowest tests, and the waits that came closest to their deadline. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const shown = 5

/** Lines of text from a folder with jest's reports (`LEVEL.json`) and `waits.jsonl`, written by `test/driver/until.ts`. */
export function slowest(reports, root) {
  const tests = readdirSync(reports)
    .filter(name => name.endsWith('.json'))
    .flatMap(name => testsOf(join(reports, name)))
    .sort((a, b) => b.seconds - a.seconds)
  const file = join(reports, 'waits.jsonl')
  const waits = (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').filter(Boolean) : [])
    .map(line => JSON.parse(line))
    .sort((a, b) => b.seconds / b.allowed - a.seconds / a.allowed)
  const place = path => relative(root, path)
  return [
    ...titled('slowest tests', tests, test => `${test.seconds.toFixed(1)} s  ${place(test.path)} › ${test.title}`),
    ...titled(
      'least slack before a deadline',
      waits,
      wait => `${Math.round((100 * wait.seconds) / wait.allowed)} % of ${Math.round(wait.allowed)} s  ${place(wait.path)} › ${wait.what}`,
    ),
  ]
}

const titled = (title, all, line) => (all.length === 0 ? [] : ['', title, ...all.slice(0, shown).map(each => `  ${line(each)}`)])

function testsOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ title, duration }) => ({ path: name, title, seconds: (duration ?? 0) / 1000 })),
    )
  } catch {
    // Not written, since jest ended badly: the level has failed and says so itself.
    return []
  }
}
