import type { LoadedHistory } from '../../schemas/loaded-history.js'
import type { ObjectsNotTaken, RunCounts } from '../../schemas/sources.js'
import type { EmptyPrefix } from '../sources/nearest-names.js'

/** What to replay. At least one of `sections` and `prefix`. */
export interface BackfillRequest {
  readonly bucket: string
  readonly sections: readonly string[]
  readonly prefix: string | null
  /** Categories (folder names); empty = all. */
  readonly categories: readonly string[]
  /** Upload time in ms since 1970: from (inclusive), to (exclusive). */
  readonly since: number | null
  readonly until: number | null
  /** Statements per second; null = as fast as it goes. */
  readonly limitRate: number | null
  /** Read objects again that the ledger says are done. */
  readonly again: boolean
}

/** Printed by `backfill --dry-run`. */
export interface BackfillPlan {
  readonly objects: number
  readonly bytes: number
  readonly skipped: number
  /** As far as paths and the ledger name them. */
  readonly sections: readonly string[]
  /** Objects below the prefix that are of no source. */
  readonly notTaken: readonly ObjectsNotTaken[]
  /** What was asked for and is not there at all: most likely misspelt. */
  readonly empty: readonly EmptyPrefix[]
  /** Id of an unfinished run of the same request that would be resumed. */
  readonly resumes: string | null
}

/** What route has made of the statements that a run has published: published = events + duplicates + dead letters. */
export interface RunOutcome {
  readonly events: number
  readonly duplicates: number
  /** By code. */
  readonly deadLetters: Readonly<Record<string, number>>
}

/** The run's sum: lines = blank + published + refused. */
export interface BackfillSum {
  readonly id: string
  readonly objects: number
  readonly skipped: number
  readonly bytes: number
  readonly lines: number
  readonly blank: number
  readonly published: number
  readonly refused: Readonly<Record<string, number>>
  readonly seconds: number
  /** What this run had read before it was stopped, and this sum does not count. */
  readonly before: RunCounts
  readonly notTaken: readonly ObjectsNotTaken[]
  readonly empty: readonly EmptyPrefix[]
  /** What counts as loaded by it, once it is sealed. */
  readonly loads: LoadedHistory
  /** With `--wait`, once route has passed all of it; null = nobody has looked. */
  readonly outcome: RunOutcome | null
  /** False: the run's `sealed` markers are not written yet, because no processor passed its end. */
  readonly sealed: boolean
}

export interface BackfillProgress {
  readonly phase: 'reading' | 'sealing' | 'waiting'
  readonly objects: number
  readonly totalObjects: number
  readonly bytes: number
  readonly totalBytes: number
  readonly lines: number
}

export interface BackfillEvents {
  planned(plan: BackfillPlan): void
  progress(progress: BackfillProgress): void
  /** Something a person should know, e.g. that no processor is running. */
  note(text: string): void
}
