import { bucketOf, bucketRange, mostBuckets, placeOf, tableKeyOf } from '../../sinks/table-key.js'

const tableKey = tableKeyOf(Buffer.from('a key of sixteen characters'))

const learner = (n: number) => `145|torus.test|${n}`

test('records of one learner are neighbours, in the order of what follows the learner key', () => {
  const sessions = ['2025-01-13T08:00:00Z', '2025-01-13T09:30:00.500000Z', '2025-02-01T08:00:00Z']
  const keys = [1, 2, 3].flatMap(n => sessions.map(start => tableKey(`${learner(n)}|${start}`)))
  const sorted = [...keys].sort(Buffer.compare)
  const heads = sorted.map(key => key.subarray(0, 16).toString('hex'))
  expect(heads).toEqual([0, 3, 6].flatMap(i => Array(3).fill(heads[i])))
  for (let i = 0; i < 9; i += 3) expect(sorted.slice(i, i + 3).map(key => key.subarray(16).toString())).toEqual(sessions)
})

test('a key may be of any length', () => {
  expect(tableKey(`145|torus.test|${'x'.repeat(100_000)}`)).toHaveLength(16)
})

test('the buckets of any number cover every key once, evenly', () => {
  const keys = Array.from({ length: 4096 }, (_, n) => tableKey(learner(n)))
  for (const parts of [1, 2, 16, 256, mostBuckets]) {
    const counts = new Map<number, number>()
    for (const key of keys) {
      const index = bucketOf(placeOf(key), parts)
      counts.set(index, (counts.get(index) ?? 0) + 1)
      const { from, before } = bucketRange({ index, of: parts })
      expect(Buffer.compare(key, from)).toBeGreaterThanOrEqual(0)
      if (before !== undefined) expect(Buffer.compare(key, before)).toBeLessThan(0)
    }
    if (parts <= 16) expect(Math.min(...Array.from({ length: parts }, (_, i) => counts.get(i) ?? 0))).toBeGreaterThan(4096 / parts / 2)
  }
})

test('twice as many buckets cut each in two', () => {
  const [from, middle, end] = [bucketRange({ index: 6, of: 16 }), bucketRange({ index: 7, of: 16 }), bucketRange({ index: 3, of: 8 })]
  expect([end.from, end.before]).toEqual([from.from, middle.before])
  expect(from.before).toEqual(middle.from)
})
