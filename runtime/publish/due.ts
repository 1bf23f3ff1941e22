/** What a dataset's manifest is made of, as numbers that grow whenever it changes: looking at them costs nothing, composing a manifest does. */
export interface Marks {
  /** The revision that is shown. */
  readonly revision: number
  /** Files of that revision. */
  readonly files: number
  /** Backfill runs, and how many of them the files contain. */
  readonly history: number
  /** Progress of all sinks, and counts of route. */
  readonly progress: number
  /** Append times that went back. */
  readonly backwards: number
  /** Where the newest revision cannot catch up any more. */
  readonly stopped: string
}

/** `waits`: somebody does, and the manifest does not reach what they wait for. `reached`: the next one will. */
export type Waiting = 'nobody' | 'waits' | 'reached'

/** Progress alone is published this often, or when somebody waits for it. */
const progressEveryMs = 60_000

/**
 * Whether a manifest has to be composed, and published if it says anything new. New rows come at most once per freshness, which bounds the
 * number of versions; what changes seldom, and what somebody waits for, comes at once.
 *
 * `seen`: of the last one that was composed; null = none was, or not by this publisher.
 */
export function isDue(seen: Marks | null, now: Marks, waiting: Waiting, sinceMs: number, freshnessMs: number): boolean {
  if (seen === null || seen.revision !== now.revision || seen.history !== now.history || seen.backwards !== now.backwards) return true
  if (seen.stopped !== now.stopped) return true
  if (seen.files === now.files && seen.progress === now.progress) return false
  if (waiting === 'reached') return true
  if (seen.files !== now.files || waiting === 'waits') return sinceMs >= freshnessMs
  return sinceMs >= Math.max(progressEveryMs, freshnessMs)
}
