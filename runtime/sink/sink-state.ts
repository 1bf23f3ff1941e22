import type { DatasetKind } from '../../schemas/dataset-kinds.js'
import type { DatasetSpec } from '../../schemas/dataset-spec.js'
import type { EventTopicId, Naming, StateTopicId } from '../../schemas/topics.js'
import { type Format, type Identity, isSnapshot } from '../../sinks/format.js'
import type { TableKey } from '../../sinks/table-key.js'
import type { Clock } from '../clock.js'
import type { Fault } from '../fault.js'
import type { Feed } from '../feed.js'
import type { Hints } from '../hints.js'
import type { Log } from '../log.js'
import type { Logger } from '../logger.js'
import type { Codec } from '../registry/codec.js'
import type { RestoredEnds } from '../restored-ends.js'
import type { SpecTable } from '../spec-table.js'
import type { StateStore } from '../state/state-store.js'
import type { TaskContext } from '../task.js'
import { type Cohort, makeCohort } from './cohort.js'
import { type Coverage, makeCoverage } from './coverage.js'
import { LedgerTable } from './ledger-table.js'
import type { Member } from './member.js'
import { type Merging, noMerging } from './merge.js'
import type { OpenBudget, OpenShare } from './open-budget.js'
import type { RevisionKeys } from './revision-keys.js'
import type { SinkRecords } from './sink-records.js'
import type { PassRoom } from './snapshot/pass-room.js'
import type { Table } from './snapshot/table.js'
import type { Uploads } from './uploads.js'

export interface SinkDeps {
  readonly log: Log
  /** Shared by the tasks of the process: one long poll for live reading, one that never waits for catching up. */
  readonly live: Feed
  readonly catchUp: Feed
  readonly codec: Codec
  readonly naming: Naming
  readonly specs: SpecTable
  /** Resolves when `specs` has everything that was stable in `datasets` at the call. */
  specsCurrent(): Promise<void>
  readonly formats: ReadonlyMap<DatasetKind, Format>
  identity(spec: DatasetSpec): Identity
  readonly keys: RevisionKeys
  /** Of `datasets`, the next offset to be read. */
  specsNext(partition: number): number
  readonly uploads: Uploads
  readonly pieceBytes: number
  readonly budget: OpenBudget
  readonly passRoom: PassRoom
  readonly rollBytes: number
  /** Bytes of a snapshot's file at most. */
  readonly bucketBytes: number
  /** Of the tables: by the pseudonym key, which has this fingerprint. */
  readonly tableKey: TableKey
  readonly keyFingerprint: string
  openStore(partition: number, name: string): StateStore
  readonly clusterId: string
  readonly hints: Hints
  readonly clock: Clock
  readonly logger: Logger
  readonly fault: Fault
}

/** What one run of a sink task knows: made from committed records at its start, thrown away with the first error. */
export interface SinkState {
  readonly deps: SinkDeps
  readonly partition: number
  readonly context: TaskContext
  /** Topics that any dataset kind reads. */
  readonly topics: readonly EventTopicId[]
  /** As committed, kept up with every commit. */
  readonly records: SinkRecords
  readonly ends: RestoredEnds
  readonly live: Cohort
  readonly catchingUp: Cohort[]
  readonly coverage: Coverage
  /** What snapshots are made of; those that a dataset asks for. */
  readonly tables: Map<StateTopicId, Table>
  readonly merging: Merging
  /** Empty until a dataset asks for it. */
  readonly ledgers: LedgerTable
  /** Of `deps.budget`. */
  readonly share: OpenShare
  /** Next `route-ledger` offset. */
  ledgerNext: number
  /** Version of the spec table that was followed last. */
  specsSeen: number
  /** The last live fetch reached the stable end of every topic. */
  atEnd: boolean
  /** A dataset joined that the committed progress does not list yet. */
  joinedChanged: boolean
  /** Files of snapshots contain more than the committed progress says, though none was written. */
  tablesMoved: boolean
  /** When progress was committed last; monotonic ms. */
  lastCommit: number
  /** When anything was committed to `dataset-files`, monotonic ms. */
  lastWrite: number
}

export function newSinkState(deps: SinkDeps, partition: number, context: TaskContext, records: SinkRecords, ends: RestoredEnds): SinkState {
  const topics = [...new Set([...deps.formats.values()].flatMap(format => (isSnapshot(format) ? [] : format.topics)))]
  const ledgerNext = records.live.next['route-ledger'] ?? 0
  return {
    deps,
    partition,
    context,
    topics,
    records,
    ends,
    live: makeCohort(topics, records.live.next, []),
    catchingUp: [],
    coverage: makeCoverage(records.live.xapi, records.live.received, ledgerNext),
    tables: new Map(),
    merging: noMerging(),
    ledgers: new LedgerTable(deps.codec),
    share: deps.budget.share(),
    ledgerNext,
    specsSeen: -1,
    atEnd: false,
    joinedChanged: false,
    tablesMoved: false,
    lastCommit: Number.NEGATIVE_INFINITY,
    lastWrite: deps.clock.monotonic(),
  }
}

/** Live, and those that catch up. */
export const membersOf = ({ live, catchingUp }: SinkState): readonly Member[] => [live, ...catchingUp].flatMap(({ members }) => members)
