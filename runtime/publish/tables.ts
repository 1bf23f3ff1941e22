import type { LiveProgress } from '../../schemas/dataset-files.js'
import type { RouteLedger } from '../../schemas/route-ledger.js'
import { decodeSourcesRecord, type FollowRecord, type RunRecord, runSoFar } from '../../schemas/sources.js'
import { type StateTopicId, topicName } from '../../schemas/topics.js'
import type { LogRecord } from '../log.js'
import type { Codec } from '../registry/codec.js'
import type { Services } from '../services.js'
import { applySinkRecord, emptySinkRecords, revisionKey, type SinkRecords } from '../sink/sink-records.js'
import { makeSpecTable, type SpecTable } from '../spec-table.js'
import { makeTail, type Tail, type TailedTopic } from '../tail.js'

/** The whole truth about datasets, folded from four topics: what manifests, `status` and `dataset wait` are made of. */
export interface Tables {
  readonly specs: SpecTable
  /** Per partition of `dataset-files`. */
  readonly sinks: readonly SinkRecords[]
  readonly runs: ReadonlyMap<string, RunRecord>
  readonly follows: ReadonlyMap<string, FollowRecord>
  /** Last record of every `route-ledger` key, by key. */
  readonly ledgers: ReadonlyMap<string, RouteLedger>
  /** Append times of the newest records of `route-ledger` and `dataset-files`, ms; 0 = there are none. */
  readonly committedAt: { route: number; sink: number }
  /** Append time of the newest record of each partition of `dataset-files`, ms; 0 = there is none. */
  readonly filesAt: readonly number[]
  /** Grow with every change of what they are called after; see `Marks`. */
  readonly changes: { readonly progress: number; readonly runs: number; readonly backwards: number; files(revisionKey: string): number }
  /** Ledgers of one section, of all hosts and partitions. */
  ledgersOf(section: string): Iterable<RouteLedger>
  readonly tail: Tail
  /** Next offset per partition, as far as it is folded. */
  folded(topic: 'dataset-files' | 'sources' | 'route-ledger'): readonly number[]
}

/** Without a codec (the registry is away) the ledgers stay empty. */
export function openTables(services: Services, codec: Codec | null): Tables {
  const { log, naming, clock } = services
  const { partitions } = services.config
  const specs = makeSpecTable(clock.monotonic)
  const sinks = Array.from({ length: partitions }, emptySinkRecords)
  const runs = new Map<string, RunRecord>()
  const follows = new Map<string, FollowRecord>()
  const ledgers = new Map<string, RouteLedger>()
  const committedAt = { route: 0, sink: 0 }
  const filesAt = Array<number>(partitions).fill(0)
  const bySection = new Map<string, Map<string, RouteLedger>>()
  const filesOf = new Map<string, number>()
  const changes = { progress: 0, runs: 0, backwards: 0, files: (name: string) => filesOf.get(name) ?? 0 }
  const committed = (role: 'route' | 'sink', { timestamp }: LogRecord) => {
    committedAt[role] = Math.max(committedAt[role], timestamp)
  }
  const onSource = (record: LogRecord) => {
    const key = record.key!.toString()
    // Objects are by far the most, and not needed here.
    if (!/^(run|follow)\//.test(key) || record.value === null) return
    const decoded = decodeSourcesRecord(key, record.value)
    if (decoded.is === 'run') {
      runs.set(decoded.id, runSoFar(runs.get(decoded.id), decoded.run))
      changes.runs++
    }
    if (decoded.is === 'follow') follows.set(decoded.id, decoded.follow)
  }
  /** Of one fetch, by key: before compaction there are thousands of which one counts, and decoding is most of the work. */
  let newest = new Map<string, LogRecord>()
  const ledgerOf = (codec: Codec): TailedTopic => ({
    topic: topicName('route-ledger', naming),
    partitions,
    before: records => {
      newest = new Map(records.map(record => [record.key!.toString(), record]))
      return codec.learn(
        'route-ledger',
        [...newest.values()].map(record => record.value),
      )
    },
    onRecord: record => {
      committed('route', record)
      const key = record.key!.toString()
      if (record.value === null || newest.get(key) !== record) return
      const ledger = codec.decodeLedger(record.value)
      ledgers.set(key, ledger)
      if (ledger.section !== null) bySection.set(ledger.section, (bySection.get(ledger.section) ?? new Map()).set(key, ledger))
      changes.progress++
    },
  })
  const tail = makeTail(log, [
    { topic: topicName('datasets', naming), partitions, onRecord: specs.onRecord },
    {
      topic: topicName('dataset-files', naming),
      partitions,
      onRecord: (record, partition) => {
        committed('sink', record)
        filesAt[partition] = record.timestamp
        const own = sinks[partition]!
        const { live } = own
        const about = applySinkRecord(own, record)
        if (about.kind === 'file') {
          const name = revisionKey(about.dataset, about.revision)
          filesOf.set(name, changes.files(name) + 1)
        } else changes.progress++
        if (goesBack(live, own.live)) changes.backwards++
      },
    },
    { topic: topicName('sources', naming), partitions, onRecord: onSource },
    ...(codec === null ? [] : [ledgerOf(codec)]),
  ])
  const ledgersOf = (section: string) => bySection.get(section)?.values() ?? []
  return {
    specs,
    sinks,
    runs,
    follows,
    ledgers,
    committedAt,
    filesAt,
    changes,
    ledgersOf,
    tail,
    folded: topic => tail.positions(topicName(topic, naming)),
  }
}

/** The last record below has an earlier append time than one before it: times that were published may be too late. */
const goesBack = (before: LiveProgress, now: LiveProgress) =>
  now.received < before.received ||
  Object.entries(now.tables ?? {}).some(([topic, { received }]) => received < (before.tables?.[topic as StateTopicId]?.received ?? 0))
