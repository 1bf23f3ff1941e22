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
  /** The reader stands at these offsets. */
  advance(next: ReadonlyMap<EventTopicId, number>, ledgerNext: number): void
}

export function makeCoverage(xapi: number, received: number, resume: number): Coverage {
  let pending: { offset: number; position: RoutePosition }[] = []
  const coverage = {
    covered: { xapi, received },
    resume,
    onLedger(ledger: RouteLedger, offset: number) {
      if (ledger.position !== null) pending.push({ offset, position: ledger.position })
    },
    advance(next: ReadonlyMap<EventTopicId, number>, ledgerNext: number) {
      let reached = 0
      for (const { position } of pending) {
        const behind = (Object.entries(position.ends) as [EventTopicId, number][]).some(([topic, end]) => (next.get(topic) ?? end) < end)
        if (behind) break
        coverage.covered = { xapi: position.next, received: position.received }
        reached++
      }
      pending = pending.slice(reached)
      coverage.resume = pending[0]?.offset ?? ledgerNext
    },
  }
  return coverage
}
