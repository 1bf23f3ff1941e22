import type { ClusterMap } from './cluster-map.js'
import type { Destination } from './kafkajs-internals.js'

export interface LeaderGroup<Item> {
  readonly leader: Destination
  readonly items: Item[]
}

/** Splits work by the broker that leads its partition; what has no known leader now is to be tried again. */
export async function groupByLeader<Item>(
  map: ClusterMap,
  items: Iterable<Item>,
  where: (item: Item) => { readonly topic: string; readonly partition: number },
): Promise<{ groups: readonly LeaderGroup<Item>[]; leaderless: readonly Item[] }> {
  const groups = new Map<number, LeaderGroup<Item>>()
  const leaderless: Item[] = []
  for (const item of items) {
    const { topic, partition } = where(item)
    const leader = await map.leaderOf(topic, partition)
    if (leader === undefined) {
      leaderless.push(item)
      continue
    }
    const group = groups.get(leader.node)
    if (group === undefined) groups.set(leader.node, { leader, items: [item] })
    else group.items.push(item)
  }
  return { groups: [...groups.values()], leaderless }
}
