import { cover, dropMoments, type Moments, noMoments, spansOf } from '../../../processors/fold/moments.js'
import type { Span } from '../../../processors/fold/played-segments.js'
import { seeded } from '../../schemas/random.js'
import { TextMemory } from '../drive.js'

function coverAll(spans: readonly Span[], memory = new TextMemory()) {
  let root: Moments = noMoments
  let length = 0
  for (const span of spans) {
    const covered = cover(memory, 'l', 'key|', root, span)
    root = covered.root
    length += covered.added
  }
  return { root, length, memory }
}

const pairs = (flat: readonly number[]) => Array.from({ length: flat.length / 2 }, (_, i): Span => [flat[2 * i]!, flat[2 * i + 1]!])

test.each<[number[], number[]]>([
  [
    [10, 20, 30, 40, 20, 25],
    [10, 25, 30, 40],
  ],
  [
    [20, 30, 10, 20],
    [10, 30],
  ],
  [
    [10, 20, 30, 40, 0, 100],
    [0, 100],
  ],
  [
    [10, 20, 12, 15],
    [10, 20],
  ],
  [
    [30, 40, 10, 20],
    [10, 20, 30, 40],
  ],
])('%j: what meets becomes one', (spans, root) => {
  const length = pairs(root).reduce((sum, [from, to]) => sum + to - from, 0)
  expect(coverAll(pairs(spans))).toMatchObject({ root, length })
})

test('however cut up, it is exact, and no value is large', () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seeded(seed)
    const reach = random.pick([3000, 100_000, 86_400_000])
    const spans = Array.from({ length: 1500 }, (): Span => {
      const from = random.below(reach - 1)
      return [from, Math.min(reach, from + 1 + random.below(random.pick([3, 3, 50, reach / 8])))]
    }).slice(0, 300 + random.below(1200))
    const { root, length, memory } = coverAll(spans)
    let expected = 0
    let reached = 0
    for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
      expected += Math.max(0, to - Math.max(from, reached))
      reached = Math.max(reached, to)
    }
    expect({ seed, length }).toEqual({ seed, length: expected })
    const all = spansOf(memory, 'l', 'key|', root)
    expect(all.reduce((sum, [from, to]) => sum + to - from, 0)).toBe(expected)
    expect(memory.longest).toBeLessThan(5000)
    dropMoments(memory, 'l', 'key|', root)
    expect(memory.values.size).toBe(0)
  }
})

test('what was cut up and is then watched as a whole is one span again', () => {
  const odd = Array.from({ length: 20_000 }, (_, i): Span => [i * 100, i * 100 + 1])
  const { root, length, memory } = coverAll(odd)
  expect(length).toBe(20_000)
  const nodes = memory.values.size
  const whole = cover(memory, 'l', 'key|', root, [0, 86_400_000])
  expect(whole.added).toBe(86_400_000 - 20_000)
  expect(nodes).toBeGreaterThan(200)
  expect(memory.values.size).toBeLessThan(50)
  expect(cover(memory, 'l', 'key|', whole.root, [5, 86_400_000]).added).toBe(0)
})
