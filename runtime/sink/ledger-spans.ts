import type { DatasetSpec } from '../../schemas/dataset-spec.js'
import type { RouteLedger } from '../../schemas/route-ledger.js'
import type { EventTopicId } from '../../schemas/topics.js'

/** Offsets of one topic below `to` that can hold rows: `from` to `until`. From `to` on every event has to be read. */
export interface Span {
  readonly from: number
  readonly until: number
  readonly to: number
}

/** What datasets need of a record. */
export type KnownLedger = Pick<RouteLedger, 'host' | 'section' | 'rest' | 'spans' | 'position'>
export type Sections = Pick<DatasetSpec, 'section_ids' | 'host'>

/**
 * Where in the log of one partition the sections of a spec lie, as the ledger says: a dataset of one section need not read the others'
 * years. The ledger is written in the transaction of the events, so below its own `ends` it knows all.
 */
export function spansOf(ledgers: readonly KnownLedger[], spec: Sections, topics: readonly EventTopicId[]): ReadonlyMap<EventTopicId, Span> {
  const wanted = new Set(spec.section_ids)
  const spans = new Map<EventTopicId, Span>()
  for (const topic of topics) {
    let from = Number.POSITIVE_INFINITY
    let last = -1
    let to = 0
    for (const ledger of ledgers) {
      if (ledger.position !== null) to = Math.max(to, ledger.position.ends[topic] ?? 0)
      const span = ledger.spans[topic]
      if (span === undefined || !mayHold(ledger, wanted, spec.host)) continue
      from = Math.min(from, span.first)
      last = Math.max(last, span.last)
    }
    spans.set(topic, { from: Math.min(from, to), until: last + 1, to })
  }
  return spans
}

/** Whoever has no record of its own is in the rest, if anywhere. */
function mayHold({ host, section, rest }: KnownLedger, wanted: ReadonlySet<string>, only: string | null): boolean {
  return rest || (section !== null && wanted.has(section) && (only === null || only === host))
}

/** The next offset worth reading at or after `offset`, never beyond `limit` (where others read, whom the reader wants to join). */
export function nextWorth(span: Span, offset: number, limit: number): number {
  if (offset >= span.to) return offset
  const worth = offset < span.from ? span.from : offset >= span.until ? span.to : offset
  return Math.max(offset, Math.min(worth, limit))
}
