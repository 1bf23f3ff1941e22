import { type Assignment, assign, type Claimant, type Held, handOver, holding } from '../../../runtime/kafka/assign.js'
import { seeded } from './random.js'

const since = (generation: number, partitions: readonly number[]): Held[] => partitions.map(partition => ({ partition, since: generation }))

/** Members with random disjoint claims. */
function randomMembers(seed: number): { members: Claimant[]; partitions: number } {
  const random = seeded(seed)
  const partitions = 1 + random.int(24)
  const owned = Array.from({ length: 1 + random.int(7) }, (): number[] => [])
  for (let p = 0; p < partitions; p++) if (random.chance(0.8)) owned[random.int(owned.length)]!.push(p)
  return { members: owned.map((list, i) => ({ id: `m${i}`, generation: 3, owned: since(3, list) })), partitions }
}

const all = (assignment: Assignment) => [...assignment.values()].flat().sort((a, b) => a - b)
const moved = (members: readonly Claimant[], result: Assignment) =>
  members.reduce((n, m) => n + m.owned.filter(({ partition }) => !result.get(m.id)!.includes(partition)).length, 0)

test('every partition goes to one member, shares differ by one at most, and the fewest move', () => {
  for (let seed = 1; seed <= 3_000; seed++) {
    const { members, partitions } = randomMembers(seed)
    const result = assign(members, partitions)
    expect([seed, all(result)]).toEqual([seed, Array.from({ length: partitions }, (_, p) => p)])
    const sizes = [...result.values()].map(list => list.length)
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    // Nobody can keep more than its share: the larger shares belong to those who own most.
    const share = Math.floor(partitions / members.length)
    const larger = partitions % members.length
    const must = members
      .map(m => m.owned.length)
      .sort((a, b) => b - a)
      .reduce((n, own, i) => n + Math.max(0, own - share - (i < larger ? 1 : 0)), 0)
    expect([seed, moved(members, result)]).toEqual([seed, must])
  }
})

test('is the same for any order of members, and a second time nothing moves', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const { members, partitions } = randomMembers(seed)
    const result = assign(members, partitions)
    const turned = assign([...members].reverse(), partitions)
    expect([...turned].sort()).toEqual([...result].sort())
    const settled = members.map(m => ({ ...m, owned: since(3, result.get(m.id)!) }))
    expect(moved(settled, assign(settled, partitions))).toBe(0)
  }
})

test('rounds of handing over: never two holders, and balanced after two', () => {
  for (let seed = 1; seed <= 1_000; seed++) {
    const { members, partitions } = randomMembers(seed)
    let now: readonly Claimant[] = members
    for (let round = 0; round < 2; round++) {
      const given = handOver(assign(now, partitions), now)
      for (const [id, list] of given) {
        for (const p of list) expect(now.filter(m => m.id !== id && m.owned.some(({ partition }) => partition === p))).toEqual([])
      }
      now = now.map(m => ({ ...m, owned: holding(m.owned, given.get(m.id)!, 4 + round) }))
    }
    const sizes = now.map(m => m.owned.length)
    expect(sizes.reduce((a, b) => a + b)).toBe(partitions)
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  }
})

test('one of several leaves and comes back: nobody else gives up what he had before', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = seeded(seed)
    const partitions = 3 + random.int(24)
    const names = Array.from({ length: 3 + random.int(4) }, (_, i) => `m${i}`)
    let generation = 0
    const round = (held: ReadonlyMap<string, readonly Held[]>) => {
      generation++
      const members = [...held].map(([id, owned]) => ({ id, generation, owned }))
      const given = handOver(assign(members, partitions), members)
      return new Map(members.map(({ id, owned }) => [id, holding(owned, given.get(id)!, generation)] as const))
    }
    // Who has which does not follow from the numbers: so it is after some history.
    const mixed = since(0, [...Array(partitions).keys()]).sort(() => (random.chance(0.5) ? 1 : -1))
    const before = round(new Map(names.map((id, i) => [id, mixed.filter((_, at) => at % names.length === i)])))
    const away = names[random.int(names.length)]!
    const without = round(new Map([...before].filter(([id]) => id !== away)))
    let now: ReadonlyMap<string, readonly Held[]> = new Map([...without, [away, []]])
    for (let step = 0; step < 2; step++) now = round(now)
    for (const [id, owned] of before)
      if (id !== away) expect([seed, id, owned.filter(held => !now.get(id)!.includes(held))]).toEqual([seed, id, []])
  }
})

test('of two claims the newer generation is right, and the outdated holder gives it up', () => {
  const members = [
    { id: 'asleep', generation: 2, owned: since(1, [0, 1]) },
    { id: 'owner', generation: 5, owned: since(5, [0, 1]) },
  ]
  const result = assign(members, 2)
  expect(result.get('owner')).toHaveLength(1)
  const kept = result.get('owner')![0]!
  expect(handOver(result, members).get('owner')).toEqual([kept])
  expect(assign([{ id: 'a', generation: 1, owned: since(1, [7]) }], 2).get('a')).toEqual([0, 1])
  expect(assign([], 3).size).toBe(0)
})
