import type { Member } from './member.js'
import type { SinkDeps, SinkState } from './sink-state.js'

/** Share of the freshness for gathering rows; the rest is for what comes before, the upload, the transaction and the manifest. */
const gatherShare = 0.3
/** Progress without rows: soon when all is read, since somebody may be waiting for just that, else now and then. */
const progressAtEndMs = 1000
const progressMs = 5000
/**
 * Nothing was written for so long: then the same progress is written again. Its append time says up to when an idle partition is complete,
 * which no clock of ours could.
 */
const idleMs = 30_000

/** The live members to flush now; none = their progress alone. Null = nothing is due. */
export function flushDue(state: SinkState): readonly Member[] | null {
  const { deps, live, coverage, records } = state
  const now = deps.clock.monotonic()
  const dirty = live.members.filter(member => member.openRows > 0)
  const isDue = (member: Member) => {
    const gatherMs = gatherMsOf(state, member)
    return now - member.flushedAt >= gatherMs && (state.atEnd || now - member.rowsSince! >= gatherMs)
  }
  // Who could soon go takes part: else equal datasets would each have a transaction of their own.
  if (dirty.some(isDue)) return dirty.filter(member => isDue(member) || now - member.flushedAt >= gatherMsOf(state, member) / 2)
  const progressed = coverage.covered.xapi > records.live.xapi || state.joinedChanged || state.tablesMoved
  if (state.atEnd && isIdle(state)) return []
  return progressed && now - state.lastCommit >= (state.atEnd ? progressAtEndMs : progressMs) ? [] : null
}

/** Without a dataset nobody asks. */
export const isIdle = (state: SinkState) =>
  state.deps.clock.monotonic() - state.lastWrite >= idleMs && Object.keys(state.records.live.joined).length > 0

function gatherMsOf({ deps, partition, coverage }: SinkState, { dataset, revision, applied, filed }: Member): number {
  const ownMs = applied.spec.freshness * 1000 * gatherShare
  // Until a revision is shown, the one that is may have to wait for it.
  const isShown = deps.specs.shown.get(dataset)?.revision === revision
  const hurries = !isShown || isAwaited(deps, partition, dataset, { filed: filed.xapi, read: coverage.covered.xapi })
  return hurries ? Math.min(ownMs, progressAtEndMs) : ownMs
}

/** Somebody waits for what is read by now and is not in the files: both are next offsets of `xapi`. */
export function isAwaited(
  { specs, clock }: SinkDeps,
  partition: number,
  dataset: string,
  { filed, read }: { readonly filed: number; readonly read: number },
): boolean {
  const waiter = specs.waiters.get(dataset)
  const wanted = waiter?.positions[partition] ?? 0
  return waiter !== undefined && waiter.until > clock.monotonic() && filed < wanted && read >= wanted
}
