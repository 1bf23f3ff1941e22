import { makeOpenBudget } from '../../../runtime/sink/open-budget.js'

test('a task may hold as much as the others leave it; beyond, those with more than an equal part give back', () => {
  const budget = makeOpenBudget({ bytes: 240, fileBytes: 10, tasks: 3 })
  const [a, b, c] = [budget.share(), budget.share(), budget.share()]
  a.held = 100
  b.held = 20
  expect([a, b, c].map(share => share.excess())).toEqual([0, 0, 0])
  c.held = 30
  expect([a, b, c].map(share => share.excess())).toEqual([80, 0, 0])
  a.held = 20
  expect([a, b, c].map(share => share.excess())).toEqual([0, 0, 0])
  // What a task that ended held is free.
  c.close()
  a.held = 70
  b.held = 49
  expect(a.excess() + b.excess()).toBe(0)
})

test('a task that cannot flush now leaves the others their part, and all together hold no more than the budget', () => {
  const budget = makeOpenBudget({ bytes: 1200, fileBytes: 10, tasks: 6 })
  const tasks = Array.from({ length: 6 }, () => budget.share())
  const [slow, ...others] = tasks
  while (slow!.excess() === 0) slow!.held++
  for (const task of others) while (task.excess() === 0) task.held++
  const held = tasks.reduce((sum, task) => sum + task.held, 0)
  expect(others.map(task => task.held)).toEqual(others.map(() => 101))
  expect(held).toBeLessThanOrEqual(1200 + tasks.length)
})

test('datasets that catch up at once are so many that each has room for a file of a fair size', () => {
  const budget = makeOpenBudget({ bytes: 1200, fileBytes: 100, tasks: 2 })
  const [a, b] = [budget.share(), budget.share()]
  expect(budget.together).toBe(3)
  expect([a.hasPlaces(6), a.hasPlaces(7)]).toEqual([true, false])
  a.places = 4
  expect([b.hasPlaces(2), b.hasPlaces(3)]).toEqual([true, false])
  a.close()
  expect(b.hasPlaces(6)).toBe(true)
})
