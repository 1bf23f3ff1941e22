import type { RunCounts } from '../../schemas/sources.js'

/** What to follow, and how. At least one of `sections` and `prefixes`. */
export interface FollowRequest {
  readonly bucket: string
  readonly sections: readonly string[]
  readonly prefixes: readonly string[]
  /** Folder names; empty = all. */
  readonly categories: readonly string[]
  /** Uploads before this are history, ms since 1970; null = before the first start. */
  readonly since: number | null
  /** URL of a queue with the bucket's event messages; null = by listing. */
  readonly queue: string | null
  /** How often a folder is looked into. */
  readonly everyMs: number
  /** So much later than its name says an object may appear. */
  readonly overlapMs: number
  /** What looking may cost: listing requests a second. */
  readonly listsPerSecond: number
}

export interface FollowProgress {
  readonly objects: number
  readonly lines: number
  /** Found and not in the ledger yet. */
  readonly waiting: number
  /** Age of the oldest upload that waits; 0 = nothing waits. */
  readonly behindSeconds: number
  readonly newest: string | null
}

export interface FollowEvents {
  progress(progress: FollowProgress): void
  /** Something that a person should know. */
  note(text: string): void
  /** Another instance does the work; this one takes over when it ends. */
  standsBy(): void
}

/**
 * What became of a message. `read`: at least one object was read because of it. `done`: all of its objects were in the ledger before (it came
 * twice, or somebody else has read them). `gone`: nothing is there any more. `ignored`: of our bucket, and nothing in it is asked for.
 * `test`: the bucket tried out its notifications. These are deleted.
 * `foreign`: of another bucket. `unreadable`: no event message. `left`: an object kept changing, or the store refused it. These are kept:
 * the queue gives them again, and in the end to whom its redrive policy names.
 */
export const messageOutcomes = ['read', 'done', 'gone', 'ignored', 'test', 'foreign', 'unreadable', 'left'] as const
export type MessageOutcome = (typeof messageOutcomes)[number]

/** What one follow has read from its start on, objects that are in the ledger only: lines = blank + published + refused. */
export interface FollowSum extends Omit<RunCounts, 'skipped'> {
  readonly id: string
  /** Objects that were gone before they could be read. */
  readonly gone: number
  /** Objects that the store refused to give: a backfill over them says why. */
  readonly left: number
  /** Deliveries by outcome; null without a queue. */
  readonly messages: Readonly<Record<MessageOutcome, number>> | null
  readonly seconds: number
}
