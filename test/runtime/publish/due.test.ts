import { isDue, type Marks } from '../../../runtime/publish/due.js'

const marks: Marks = { revision: 3, files: 5, history: 1, progress: 70, backwards: 0, stopped: '[]' }
const freshnessMs = 10_000

test.each([
  ['nothing was composed yet', null, {}, 'nobody', 0, true],
  ['nothing has changed, for an hour', marks, {}, 'nobody', 3_600_000, false],
  ['nothing has changed, and somebody waits', marks, {}, 'waits', 3_600_000, false],
  ['another revision is shown', marks, { revision: 4 }, 'nobody', 0, true],
  ['a history is loaded', marks, { history: 2 }, 'nobody', 0, true],
  ['a time went back', marks, { backwards: 1 }, 'nobody', 0, true],
  ['it stopped', marks, { stopped: '[1]' }, 'nobody', 0, true],
  ['new files, within the freshness', marks, { files: 6, progress: 71 }, 'nobody', 9_999, false],
  ['new files, after it', marks, { files: 6, progress: 71 }, 'nobody', 10_000, true],
  ['progress alone, within a minute', marks, { progress: 71 }, 'nobody', 59_999, false],
  ['progress alone, after it', marks, { progress: 71 }, 'nobody', 60_000, true],
  ['somebody waits, and it is not there', marks, { progress: 71 }, 'waits', 9_999, false],
  ['somebody waits, and sees how it gets on', marks, { progress: 71 }, 'waits', 10_000, true],
  ['what somebody waits for is there', marks, { progress: 71 }, 'reached', 0, true],
] as const)('%s', (_, seen, change, waiting, sinceMs, due) => {
  expect(isDue(seen, { ...marks, ...change }, waiting, sinceMs, freshnessMs)).toBe(due)
})
