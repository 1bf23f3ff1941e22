import type { RouteLedger, RoutePosition } from '../../schemas/route-ledger.js'
import type { EventTopicId } from '../../schemas/topics.js'

/**
 * How far in `xapi` a reader of `events.*` has everything. Route writes, in the transaction of its outputs, its position and the offsets
 * behind these outputs: a reader that is past all of them has every event below the position. (Commit markers reach each partition at
 * their own time, so no other comparison of offsets is safe.)
 */
export interface Coverage {
  /** Next `xapi` offset and the append time of the last record below. */
  readonly covered: { readonly xapi: number; readonly received: number }
  /** The `route-ledger` offset to start from after a restart: positions not reached yet must be read again. */
  readonly resume: number
  onLedger(ledger: RouteLedger, offset: number): void
  /** What would be covered if the reader stood at these offsets. */
  reach(next: ReadonlyMap<EventTopicId, number>): Coverage['covered']
  /** The reader stands at these offsets. */
  advance(next: ReadonlyMap<EventTopicId, number>, ledgerNext: number): void
}

export function makeCoverage(xapi: number, received: number, resume: number): Coverage {
  let pending: { offset: number; position: RoutePosition }[] = []
  const reached = (next: ReadonlyMap<EventTopicId, number>): number => {
    const short = pending.findIndex(({ position }) =>
      (Object.entries(position.ends) as [EventTopicId, number][]).some(([topic, end]) => (next.get(topic) ?? end) < end),
    )
    return short < 0 ? pending.length : short
  }
  const coverage = {
    covered: { xapi, received },
    resume,
    onLedger(ledger: RouteLedger, offset: number) {
      // A reader that was ahead of another before a restart is told again what it has.
      if (ledger.position !== null && ledger.position.next > coverage.covered.xapi) pending.push({ offset, position: ledger.position })
    },
    reach(next: ReadonlyMap<EventTopicId, number>) {
      const last = pending[reached(next) - 1]?.position
      return last === undefined ? coverage.covered : { xapi: last.next, received: last.received }
    },
    advance(next: ReadonlyMap<EventTopicId, number>, ledgerNext: number) {
      const count = reached(next)
      const last = pending[count - 1]?.position
      if (last !== undefined) coverage.covered = { xapi: last.next, received: last.received }
      pending = pending.slice(count)
      coverage.resume = pending[0]?.offset ?? ledgerNext
    },
  }
  return coverage
}
