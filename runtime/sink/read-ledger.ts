import { topicName } from '../../schemas/topics.js'
import { spansOf } from './ledger-spans.js'
import { refuseLost } from './read-events.js'
import type { SinkState } from './sink-state.js'

/** One step, while a dataset waits for what the ledger says. False = none does. */
export async function readLedgerOnce(state: SinkState): Promise<boolean> {
  const { deps, partition, ledgers, catchingUp, tables, topics } = state
  const cohorts = catchingUp.filter(({ wants }) => wants !== null)
  const unready = [...tables.values()].filter(({ knowsLedger }) => !knowsLedger)
  if (cohorts.length + unready.length === 0) return false
  const from = ledgers.next
  const [fetched] = await deps.catchUp.take([{ topic: topicName('route-ledger', deps.naming), partition, offset: from }])
  if (fetched!.lost && from > 0) refuseLost(fetched!)
  // What compaction has taken from its beginning nobody needs.
  await ledgers.take(from, fetched!.lost ? { records: [], next: fetched!.lost.low, stable: fetched!.lost.high } : fetched!)
  if (!ledgers.whole) return true
  const known = [...ledgers.records.values()]
  for (const cohort of cohorts) {
    cohort.spans = spansOf(known, cohort.wants!, topics)
    cohort.wants = null
  }
  for (const table of unready) {
    // What live reading has passed already; the rest it hands on when it comes there.
    if (ledgers.last !== null && ledgers.last.offset < state.ledgerNext) table.coverage.onLedger(ledgers.last.ledger, ledgers.last.offset)
    table.knowsLedger = true
  }
  return true
}
