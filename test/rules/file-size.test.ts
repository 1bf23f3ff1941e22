import { sources } from './sources.js'

const most = 400

/** A file is one thing that is read in one go. Past 400 lines it is at least two; 200 is what to aim for. */
test(`no source file has more than ${most} lines`, () => {
  const long = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length })).filter(({ lines }) => lines > most)
  expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([])
})
