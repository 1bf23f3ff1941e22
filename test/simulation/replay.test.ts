import { seededFaults } from './seeded-faults.js'
import { simulate } from './simulate.js'

test('the same seed takes the same steps, another takes others', async () => {
  const hashes = []
  for (const seed of [3, 3, 4]) hashes.push((await simulate(seed, { faults: seededFaults, changed: false })).hash)
  expect([hashes[0] === hashes[1], hashes[0] === hashes[2]]).toEqual([true, false])
})
