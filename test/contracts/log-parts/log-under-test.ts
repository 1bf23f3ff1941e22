import type { Log } from '../../../runtime/log.js'

/** What a suite needs beside the port: how each implementation makes a log, and what only it can do. */
export interface LogUnderTest {
  readonly log: Log
  /** A log with short transactions and small batches: it must share what it stores with `log`. */
  readonly small: Log
  /** Makes compaction happen now, as far as it can; resolves when `done` holds. */
  compact(topic: string, done: () => Promise<boolean>): Promise<void>
  /** Group offsets as the broker has them: what lag tools show. */
  hinted(group: string, topic: string): Promise<ReadonlyMap<number, number>>
  /** Spoils the batch that begins at `offset` where the broker keeps it. */
  damage(topic: string, partition: number, offset: number): Promise<void>
  /** Changes what a topic allows from now on. */
  alter(topic: string, config: Readonly<Record<string, string>>): Promise<void>
  /** Lets the time of open transactions of `small` run out. */
  expireTransactions(): Promise<void>
}
