import type { LiveProgress, Offsets, Reach } from '../../schemas/dataset-files.js'
import type { EventTopicId } from '../../schemas/topics.js'
import type { Member } from './member.js'
import { revisionKey } from './sink-records.js'
import type { SinkState } from './sink-state.js'

interface Progress {
  readonly progress: LiveProgress
  /** How far the files of every live member are by then. */
  readonly filed: ReadonlyMap<Member, Reach>
}

/**
 * The progress once these members have no open rows any more. A member whose rows stay open has its own place in it, so a slow dataset does
 * not hold up the others: after a restart live reading goes back to there, and the others skip what they have.
 */
export function liveProgress(state: SinkState, flushed: ReadonlySet<Member>): Progress {
  const { live, coverage, tables, records } = state
  // Reading again after a restart, others are further.
  // A table that is opened looks up what the ledger said before `resume`.
  const next = { ...furthest(live.next, records.live.next), 'route-ledger': coverage.resume }
  const current: Reach = { next, ...coverage.covered }
  const filed = new Map(live.members.map(member => [member, reachOf(state, member, flushed, current)]))
  const waiting = [...filed].filter(([, reach]) => reach !== current)
  const used = [...tables.values()].filter(table => table.snapshots.length > 0)
  const progress = {
    ...current,
    joined: joinedOf(state),
    ...(waiting.length > 0 && {
      waiting: Object.fromEntries(waiting.map(([{ dataset, revision }, reach]) => [revisionKey(dataset, revision), reach])),
    }),
    ...(used.length > 0 && { tables: Object.fromEntries(used.map(table => [table.topic, table.published])) }),
  }
  return { progress, filed }
}

function reachOf({ live }: SinkState, member: Member, flushed: ReadonlySet<Member>, current: Reach): Reach {
  if (member.openRows > 0 && !flushed.has(member)) return member.filed
  const next = furthest(live.next, Object.fromEntries(member.from))
  const isCurrent = [...live.next.keys()].every(topic => next[topic]! >= current.next[topic]!)
  return isCurrent ? current : { ...member.filed, next: { ...member.filed.next, ...next } }
}

function furthest(a: ReadonlyMap<EventTopicId, number>, b: Offsets): Offsets {
  return Object.fromEntries([...a].map(([topic, offset]) => [topic, Math.max(offset, b[topic] ?? 0)]))
}

/** Those that are there now, not those of the last commit: for one that is deleted nobody keeps files any more. */
export function joinedOf({ live, tables }: SinkState): LiveProgress['joined'] {
  const snapshots = [...tables.values()].flatMap(table => table.snapshots.filter(snapshot => snapshot.joined))
  return joinedWith({}, [...live.members, ...snapshots])
}

/** These too. */
export function joinedWith(joined: LiveProgress['joined'], more: Iterable<Pick<Member, 'dataset' | 'revision'>>): LiveProgress['joined'] {
  const all = new Map(Object.entries(joined).map(([dataset, revisions]) => [dataset, new Set(revisions)]))
  for (const { dataset, revision } of more) all.set(dataset, (all.get(dataset) ?? new Set()).add(revision))
  return Object.fromEntries([...all].map(([dataset, revisions]) => [dataset, [...revisions].sort((a, b) => a - b)]))
}
