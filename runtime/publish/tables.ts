import type { RouteLedger } from '../../schemas/route-ledger.js'
import { decodeSourcesRecord, type FollowRecord, type RunRecord, runSoFar } from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import type { LogRecord } from '../log.js'
import type { Codec } from '../registry/codec.js'
import type { Services } from '../services.js'
import { applySinkRecord, emptySinkRecords, type SinkRecords } from '../sink/sink-records.js'
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
  const committed = (role: 'route' | 'sink', { timestamp }: LogRecord) => {
    committedAt[role] = Math.max(committedAt[role], timestamp)
  }
  const onSource = (record: LogRecord) => {
    const key = record.key!.toString()
    // Objects are by far the most, and not needed here.
    if (!/^(run|follow)\//.test(key) || record.value === null) return
    const decoded = decodeSourcesRecord(key, record.value)
    if (decoded.is === 'run') runs.set(decoded.id, runSoFar(runs.get(decoded.id), decoded.run))
    if (decoded.is === 'follow') follows.set(decoded.id, decoded.follow)
  }
  const ledgerOf = (codec: Codec): TailedTopic => ({
    topic: topicName('route-ledger', naming),
    partitions,
    before: records =>
      codec.learn(
        'route-ledger',
        records.map(record => record.value),
      ),
    onRecord: record => {
      committed('route', record)
      if (record.value !== null) ledgers.set(record.key!.toString(), codec.decodeLedger(record.value))
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
        applySinkRecord(sinks[partition]!, record)
      },
    },
    { topic: topicName('sources', naming), partitions, onRecord: onSource },
    ...(codec === null ? [] : [ledgerOf(codec)]),
  ])
  return { specs, sinks, runs, follows, ledgers, committedAt, filesAt, tail, folded: topic => tail.positions(topicName(topic, naming)) }
}
