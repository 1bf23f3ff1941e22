import { addObject, isBalanced, newObjectCounts, noRunCounts } from '../../producers/object-counts.js'

test('the counts of a run are the sum of its objects', () => {
  const counts = { ...newObjectCounts(), lines: 10, blank: 2, published: 7, refused: { too_large: 1 } }
  const run = addObject(addObject(noRunCounts, 100, counts), 50, { ...counts, lines: 11, refused: { too_large: 1, cut_off: 1 } })
  expect(run).toEqual({ objects: 2, skipped: 0, bytes: 150, lines: 21, blank: 4, published: 14, refused: { too_large: 2, cut_off: 1 } })
  expect(isBalanced(run)).toBe(true)
  expect(isBalanced({ ...run, lines: 20 })).toBe(false)
})
