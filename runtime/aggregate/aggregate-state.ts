import type { Aggregate } from '../../processors/aggregate.js'
import type { Naming } from '../../schemas/topics.js'
import type { Clock } from '../clock.js'
import type { Fault } from '../fault.js'
import type { Feed } from '../feed.js'
import type { Hints } from '../hints.js'
import type { Log } from '../log.js'
import type { Logger } from '../logger.js'
import type { Codec } from '../registry/codec.js'
import type { RestoredEnds } from '../restored-ends.js'
import type { StateStore } from '../state/state-store.js'
import type { TaskStore } from '../state/task-store.js'
import type { TaskContext } from '../task.js'
import type { Cohort } from './cohort.js'

export interface AggregateDeps {
  readonly log: Log
  /** Shared by the tasks of the process: one long poll for live reading, one that never waits for catching up. */
  readonly live: Feed
  readonly catchUp: Feed
  readonly codec: Codec
  readonly naming: Naming
  readonly aggregates: readonly Aggregate[]
  readonly clusterId: string
  readonly topicIds: Readonly<Record<string, string>>
  /** `delete.retention.ms` of the changelog. */
  readonly tombstonesKeptMs: number
  openStore(partition: number): StateStore
  readonly commitMs: number
  readonly commitBytes: number
  readonly hints: Hints
  readonly clock: Clock
  readonly logger: Logger
  readonly fault: Fault
}

/** What one run of a task knows: made from committed records at its start, thrown away with the first error. */
export interface AggregateState {
  readonly deps: AggregateDeps
  readonly partition: number
  readonly context: TaskContext
  /** Positions lie among the entries, one for each aggregate. */
  readonly store: TaskStore<null>
  /** Next offset of the changelog. */
  changelog: number
  readonly ends: RestoredEnds
  readonly live: Cohort
  readonly catchingUp: Cohort[]
  /** When the live cohort's open transaction began; ms. */
  began: number
}
