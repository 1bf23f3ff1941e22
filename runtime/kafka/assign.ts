/** One member as the group's leader sees it. */
export interface Claimant {
  readonly id: string
  /** The generation in which `owned` was true: an older claim gives way. */
  readonly generation: number
  readonly owned: readonly number[]
}

export type Assignment = ReadonlyMap<string, readonly number[]>

/** Sticky: shares differ by at most one, everybody keeps what fits into its share, and the fewest partitions move. */
export function assign(members: readonly Claimant[], partitions: number): Assignment {
  const owners = ownersOf(members, partitions)
  const owned = new Map<string, number[]>(members.map(member => [member.id, []]))
  for (const [partition, id] of owners) owned.get(id)!.push(partition)
  // Who owns most gets the larger shares: so nothing moves only to make shares equal.
  const order = [...owned].sort(([a, ofA], [b, ofB]) => ofB.length - ofA.length || (a < b ? -1 : 1))
  const share = Math.floor(partitions / Math.max(members.length, 1))
  const larger = partitions - share * members.length
  const shares = order.map(([id, mine], i) => ({ id, size: share + (i < larger ? 1 : 0), mine: mine.sort((a, b) => a - b) }))
  const kept = new Set(shares.flatMap(({ mine, size }) => mine.slice(0, size)))
  const free = Array.from({ length: partitions }, (_, p) => p).filter(p => !kept.has(p))
  const result = new Map<string, readonly number[]>()
  for (const { id, size, mine } of shares) {
    const keeps = mine.slice(0, size)
    result.set(
      id,
      [...keeps, ...free.splice(0, size - keeps.length)].sort((a, b) => a - b),
    )
  }
  return result
}

/**
 * What of an assignment may be handed out now: nobody gets a partition that another member still holds. That one sees it
 * missing from its own share, finishes its transaction, joins again without it, and only that round gives it on.
 */
export function handOver(assignment: Assignment, members: readonly Claimant[]): Assignment {
  const holders = new Map<number, Set<string>>()
  for (const { id, owned } of members) {
    for (const partition of owned) holders.set(partition, (holders.get(partition) ?? new Set()).add(id))
  }
  // Its own holder keeps it even when somebody else has an outdated claim.
  const freeFor = (id: string) => (partition: number) => holders.get(partition)?.has(id) ?? true
  return new Map([...assignment].map(([id, partitions]) => [id, partitions.filter(freeFor(id))]))
}

/** Two members may claim one partition after one was away: the newer generation is right, and of one generation the first name. */
function ownersOf(members: readonly Claimant[], partitions: number): ReadonlyMap<number, string> {
  const owners = new Map<number, string>()
  for (const { id, owned } of [...members].sort((a, b) => b.generation - a.generation || (a.id < b.id ? -1 : 1))) {
    for (const partition of owned) if (partition < partitions && !owners.has(partition)) owners.set(partition, id)
  }
  return owners
}
