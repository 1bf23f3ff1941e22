import { countNotTaken } from '../../producers/not-taken.js'

test('counts by reason, the most first, each with its first three; what marks a folder is no upload', () => {
  const count = countNotTaken()
  for (let i = 0; i < 5; i++) count.add({ key: `a/${i}.json`, size: 1 }, { why: 'no lines', known: false })
  count.add({ key: 'b', size: 0 }, { why: 'no name', known: false })
  count.add({ key: 'c', size: 1 }, { why: 'another section', known: true })
  count.add({ key: 'a/', size: 0 }, { why: 'no lines', known: false })
  const foreign = [
    { why: 'no lines', objects: 5, examples: ['a/0.json', 'a/1.json', 'a/2.json'] },
    { why: 'no name', objects: 1, examples: ['b'] },
  ]
  expect(count.result()).toEqual(foreign)
  expect(count.result('leftOut')).toEqual([...foreign, { why: 'another section', objects: 1, examples: ['c'] }])
})
