import { sinkLateness } from '../../../runtime/sources/sink-lateness.js'

test('the latest of those that are behind; who has covered everything is not late', () => {
  const late = sinkLateness()
  expect(late.worst([10, 10, 10], 1000)).toBeNull()
  late.covered(0, 5, 300, 1000)
  late.covered(1, 5, 7_000, 1000)
  late.covered(2, 10, 30_000, 1000)
  expect(late.worst([10, 10, 10], 1500)).toBe(7_000)
  expect(late.worst([10, 5, 10], 1500)).toBe(300)
  expect(late.worst([5, 5, 10], 1500)).toBeNull()
})

test('one that should have written again is as much later, and after a minute nobody writes any more', () => {
  const late = sinkLateness()
  late.covered(0, 5, 1_000, 0)
  expect(late.worst([10], 5_000)).toBe(1_000)
  expect(late.worst([10], 12_000)).toBe(8_000)
  // It is its way to write every twenty seconds.
  late.covered(0, 6, 1_000, 20_000)
  expect(late.worst([10], 40_000)).toBe(1_000)
  expect(late.worst([10], 45_000)).toBe(6_000)
  expect(late.worst([10], 80_001)).toBeNull()
})

test('what is forgotten says nothing', () => {
  const late = sinkLateness()
  late.covered(0, 5, 9_000, 0)
  late.forget()
  expect(late.worst([10], 1)).toBeNull()
})
