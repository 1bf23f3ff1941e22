import { sources } from './sources.js'

const most = 400
/** Longer for a reason. */
const waived: Readonly<Record<string, string>> = {
  'test/contracts/log.ts': 'one suite that two implementations pass: a list of cases, read one by one',
}
const long = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length })).filter(({ lines }) => lines > most)

/** A file is one thing that is read in one go. Past 400 lines it is at least two; 200 is what to aim for. */
test(`no source file has more than ${most} lines`, () => {
  expect(long.filter(({ path }) => !(path in waived)).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([])
})

test('no waiver outlives its need', () => {
  expect(Object.keys(waived).filter(path => !long.some(file => file.path === path))).toEqual([])
})
