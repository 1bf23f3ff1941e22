import { isAwaited } from '../due.js'
import type { SinkState } from '../sink-state.js'
import { beginPass, passOnce } from './pass.js'
import { isChanged, type Snapshot } from './snapshot.js'
import { isBehind, isFiled, type Table } from './table.js'

/** Share of the freshness for gathering changes; the rest is for writing them and for the manifest. */
const gatherShare = 0.7
/** One that is not shown yet: until it is as far as the one that is, that one stands still. */
const unseenMs = 5000

/** Takes the snapshots of all tables a step on. False = there was nothing to do. */
export async function passTables(state: SinkState): Promise<boolean> {
  let stepped = false
  for (const table of state.tables.values()) {
    // Between two records of one transaction no bucket may be read.
    if (!table.whole || !table.knowsLedger || isBehind(table)) continue
    if (table.pass === null && isDue(state, table)) table.pass = beginPass(table)
    if (table.pass === null) continue
    if (await passOnce(state, table)) stepped = true
  }
  return stepped
}

function isDue(state: SinkState, table: Table): boolean {
  const now = state.deps.clock.monotonic()
  if (table.snapshots.some(({ joined }) => !joined)) return true
  const changed = table.snapshots.filter(isChanged)
  const reach = { filed: table.published.xapi, read: table.coverage.reach(table.folded).xapi }
  const gatherMs = Math.min(...changed.map(snapshot => gatherMsOf(state, snapshot)))
  return (
    changed.length > 0 &&
    (now - table.lastPass >= gatherMs || changed.some(({ dataset }) => isAwaited(state.deps, state.partition, dataset, reach)))
  )
}

function gatherMsOf({ deps: { specs } }: SinkState, { dataset, revision, applied }: Snapshot): number {
  const ownMs = applied.spec.freshness * 1000 * gatherShare
  return specs.shown.get(dataset)?.revision === revision ? ownMs : Math.min(ownMs, unseenMs)
}

/** What the files contain goes on without a pass while nothing changes in them. True = it did. */
export function advanceTables({ tables, ledgerNext }: SinkState): boolean {
  let moved = false
  for (const table of tables.values()) {
    if (!table.knowsLedger || !isFiled(table) || isBehind(table)) continue
    table.coverage.advance(table.folded, ledgerNext)
    const { covered } = table.coverage
    if (covered.xapi <= table.published.xapi) continue
    table.published = { next: table.next, ...covered }
    moved = true
  }
  return moved
}
