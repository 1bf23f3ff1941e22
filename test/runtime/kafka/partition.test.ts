import { murmur2, partitionOf } from '../../../schemas/partition.js'

test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s is that of the Java client', (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash)
  expect(partitionOf(Buffer.from(key), 12)).toBe((hash & 0x7fffffff) % 12)
})

test('every key has a partition in range', () => {
  for (let i = 0; i < 1_000; i++) {
    const partition = partitionOf(Buffer.from(`section|host|learner-${i}`), 7)
    expect(partition >= 0 && partition < 7).toBe(true)
  }
})
