/** A partition of a member, and the generation that gave it. */
export interface Held {
  readonly partition: number
  readonly since: number
}

/** One member as the group's leader sees it. */
export interface Claimant {
  readonly id: string
  /** The generation in which `owned` was true: an older claim gives way. */
  readonly generation: number
  readonly owned: readonly Held[]
}

export type Assignment = ReadonlyMap<string, readonly number[]>

/**
 * Sticky: shares differ by at most one, and the fewest partitions move. Who has too many gives up what came last: when a member that
 * was away is back, the others hand back what they had of it, and keep what was always theirs.
 */
export function assign(members: readonly Claimant[], partitions: number): Assignment {
  const owners = ownersOf(members, partitions)
  const share = Math.floor(partitions / Math.max(members.length, 1))
  const larger = partitions - share * members.length
  const owned = members.map(({ id, owned }) => ({
    id,
    mine: owned.filter(({ partition }) => owners.get(partition) === id).sort((a, b) => a.since - b.since || a.partition - b.partition),
  }))
  // Who owns most gets the larger shares, so that nothing moves only to make shares equal; of those who own as much, who has had it longest.
  const last = (mine: readonly Held[]) => mine[share]?.since ?? 0
  const order = owned.sort((a, b) => b.mine.length - a.mine.length || last(a.mine) - last(b.mine) || (a.id < b.id ? -1 : 1))
  const shares = order.map(({ id, mine }, i) => {
    const size = share + (i < larger ? 1 : 0)
    return { id, size, keeps: mine.slice(0, size).map(({ partition }) => partition) }
  })
  const kept = new Set(shares.flatMap(({ keeps }) => keeps))
  const free = Array.from({ length: partitions }, (_, p) => p).filter(p => !kept.has(p))
  return new Map(
    shares.map(({ id, size, keeps }) => [id, [...keeps, ...free.splice(0, size - keeps.length)].sort((a, b) => a - b)] as const),
  )
}

/** What a member holds once a round has given it these partitions. */
export function holding(before: readonly Held[], assigned: readonly number[], generation: number): Held[] {
  return assigned.map(partition => before.find(held => held.partition === partition) ?? { partition, since: generation })
}

/**
 * What of an assignment may be handed out now: nobody gets a partition that another member still holds. That one sees it
 * missing from its own share, finishes its transaction, joins again without it, and only that round gives it on.
 */
export function handOver(assignment: Assignment, members: readonly Claimant[]): Assignment {
  const holders = new Map<number, Set<string>>()
  for (const { id, owned } of members) {
    for (const { partition } of owned) holders.set(partition, (holders.get(partition) ?? new Set()).add(id))
  }
  // Its own holder keeps it even when somebody else has an outdated claim.
  const freeFor = (id: string) => (partition: number) => holders.get(partition)?.has(id) ?? true
  return new Map([...assignment].map(([id, partitions]) => [id, partitions.filter(freeFor(id))]))
}

/** Two members may claim one partition after one was away: the newer generation is right, and of one generation the first name. */
function ownersOf(members: readonly Claimant[], partitions: number): ReadonlyMap<number, string> {
  const owners = new Map<number, string>()
  for (const { id, owned } of [...members].sort((a, b) => b.generation - a.generation || (a.id < b.id ? -1 : 1))) {
    for (const { partition } of owned) if (partition < partitions && !owners.has(partition)) owners.set(partition, id)
  }
  return owners
}
