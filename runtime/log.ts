/**
 * The log port: everything the loops need of Kafka, and nothing of kafkajs.
 *
 * Two implementations pass one contract suite (`test/contracts/log.ts`): the real broker (`runtime/kafka/`) and the
 * memory log (`runtime/memory/memory-log.ts`). Offsets are plain numbers (exact to 2^53).
 */
import type { TributaryError } from '../schemas/errors.js'

/** One committed record as a reader sees it. `key` and `value` are views into the fetched batch: copy what outlives the next fetch. */
export interface LogRecord {
  readonly offset: number
  /** Append time in ms since 1970 (all topics use LogAppendTime). */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** Raw headers in their order; values are UTF-8 text in all of Tributary's topics. */
  readonly headers: readonly RecordHeader[]
}

export type RecordHeader = readonly [name: string, value: Buffer]

/** The text of a header, or undefined. The last one of a name wins, like in Kafka's own `lastHeader`. */
export function headerText(record: Pick<LogRecord, 'headers'>, name: string): string | undefined {
  for (let i = record.headers.length - 1; i >= 0; i--) {
    const header = record.headers[i]!
    if (header[0] === name) return header[1].toString('utf8')
  }
  return undefined
}

/** What a writer hands over. The partition is always explicit (in `PartitionBatch`): a retry must not move a record. */
export interface OutRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: readonly (readonly [name: string, value: string | Buffer])[]
}

/** Records for one partition. The writer cuts them into record batches below the message limit. */
export interface PartitionBatch {
  readonly topic: string
  readonly partition: number
  readonly records: readonly OutRecord[]
}

/** Where the records of one `PartitionBatch` were appended: `first` .. `last`, both inclusive. */
export interface Appended {
  readonly topic: string
  readonly partition: number
  readonly first: number
  readonly last: number
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface FetchPosition extends TopicPartition {
  readonly offset: number
  /** Stop before this offset (used to read exactly up to a point); absent = no bound. */
  readonly end?: number
}

/** What one fetch brought for one partition. Partitions with nothing new are present too, with `records` empty. */
export interface Fetched {
  readonly topic: string
  readonly partition: number
  /** Committed records only, in offset order. */
  readonly records: readonly LogRecord[]
  /** The position to fetch from next: past everything walked, including control, aborted, empty and compacted batches. */
  readonly next: number
  readonly low: number
  /** Last stable offset: below it every transaction is decided. */
  readonly stable: number
  readonly high: number
  /** Set when the position is outside [low, high]: nothing is reset, nothing was read. */
  readonly lost?: { readonly low: number; readonly high: number }
  /** Set when what lies at the position cannot be read (damaged, an unknown codec, refused): nothing was read. Other partitions are not concerned. */
  readonly broken?: TributaryError
  /** Set when no broker answers for the partition now (only with `leaveAway`): nothing was read, and `low`, `stable` and `high` are 0. */
  readonly away?: TributaryError
}

export interface FetchLimits {
  /** How long the broker may wait when there is nothing new; 0 answers at once. */
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly maxBytesPerPartition: number
  /**
   * Ask once: a partition that no broker answers for is `away`, and keeps nobody from the answers of the others. Absent = it is asked for
   * again until it is answered, and after 30 s the whole fetch is an error.
   */
  readonly leaveAway?: boolean
}

/** A reader owns one connection per broker: a long poll never delays anybody else (measured: a broker serves one request per connection at a time). */
export interface LogReader {
  fetch(positions: readonly FetchPosition[], limits: FetchLimits): Promise<readonly Fetched[]>
  close(): Promise<void>
}

/** Idempotent, not transactional: `send` resolves when all records are acknowledged by all in-sync replicas. */
export interface LogWriter {
  send(batches: readonly PartitionBatch[]): Promise<readonly Appended[]>
  close(): Promise<void>
}

/**
 * The writer of one task: a transactional id claimed by `Log.claim` (which fences the former owner and completes or aborts its open transaction).
 * One transaction at a time: send any number of times, then commit or abort. After any thrown error but `FencedError`
 * the state is unknown: call `recover`, then read the position anew.
 */
export interface TransactionalWriter {
  readonly transactionalId: string
  readonly producerId: number
  readonly epoch: number
  /**
   * Comes after `claim` and `recover`, before anything is read of what this id wrote: `own` names every partition that it writes to in
   * transactions. All of them are decided then, and a broker may have left one open all the same (KAFKA-20734: in Kafka 4.3 and 4.4 the
   * coordinator passes over partitions without a leader, as when all their brokers start again). Such a one is ended as it was decided;
   * left alone, it would get the outcome of the next transaction.
   *
   * @throws {TributaryError} TRANSACTION_LEFT_OPEN
   */
  settle(own: readonly TopicPartition[]): Promise<readonly LeftOpen[]>
  /**
   * Makes sure that no transaction of before was left open since; costs nothing while no connection was lost. `send` does so by itself; who
   * sends nothing for a while has to ask: until the writer has recovered and settled, readers of what it wrote get no further.
   *
   * @throws {TributaryError} TRANSACTION_LEFT_OPEN
   */
  requireSettled(): Promise<void>
  send(batches: readonly PartitionBatch[]): Promise<readonly Appended[]>
  /** Resolves when the coordinator has decided to commit. A transaction that sent nothing commits for free. */
  commit(): Promise<void>
  abort(): Promise<void>
  /**
   * After an error: asks with InitProducerId carrying the own producer id and epoch. Resolves when granted (it was a
   * time-out or a lost answer; any open transaction is over; the caller restores from `position`), throws `FencedError` when refused.
   */
  recover(): Promise<void>
  close(): Promise<void>
}

/** A transaction that is decided, but for which a partition never got its marker. */
export interface LeftOpen {
  readonly topic: string
  readonly partition: number
  readonly firstOffset: number
  /** How it was ended now: as the rest of it. */
  readonly commit: boolean
}

export interface Watermarks {
  readonly low: number
  readonly stable: number
  readonly high: number
}

/** A transaction that holds back the stable offset of a partition. */
export interface OpenTransaction {
  readonly producerId: number
  /** Null when no coordinator knows the producer id (any more). */
  readonly transactionalId: string | null
  readonly firstOffset: number
}

/** One joined member of a consumer group. A group subscribes to one topic; owning its partition p is owning task p. */
export interface Membership {
  /** Own partitions as of the last completed join, ascending. */
  readonly owned: readonly number[]
  readonly generation: number
  /** True after an answered heartbeat of the current generation: the tasks are still ours. */
  confirm(): Promise<boolean>
  leave(): Promise<void>
}

/** One member of a consumer group as anybody can see it. */
export interface GroupMemberState {
  readonly id: string
  /** Client id and address that it joined with. */
  readonly client: string
  readonly host: string
  /** Ascending; empty while the group is being re-balanced. */
  readonly partitions: readonly number[]
}

export interface MembershipEvents {
  /**
   * Called before a rejoin: finish or abort the open transactions of these partitions, then resolve. Sticky: it is called with what was
   * really taken away, after the new assignment is known.
   */
  revoked(partitions: readonly number[]): Promise<void>
  assigned(partitions: readonly number[]): Promise<void>
  /** After every join: the id the group knows this member by. */
  joined?(memberId: string): void
  /** The membership is over and will not come back (closed, or a non-retriable error). */
  lost(error: unknown): void
}

export interface TopicSettings {
  readonly name: string
  readonly partitions: number
  readonly replication: number
  /** Kafka topic configs, e.g. `cleanup.policy`. */
  readonly config: Readonly<Record<string, string>>
}

export interface TopicState {
  readonly name: string
  readonly id: string
  readonly partitions: number
  readonly config: Readonly<Record<string, string>>
}

/** Administration and the making of readers and writers. */
export interface Log {
  /** Connects and asserts what is relied upon (API versions, `transaction.version` 2, kafkajs internals). Throws a `TributaryError`. */
  selfTest(): Promise<{ clusterId: string; brokers: number }>
  describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicState>>
  createTopics(topics: readonly TopicSettings[]): Promise<void>
  /** Sets these configs of topics that are there, and leaves the others as they are. */
  configureTopics(configs: ReadonlyMap<string, Readonly<Record<string, string>>>): Promise<void>
  deleteTopics(names: readonly string[]): Promise<void>
  watermarks(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, Watermarks>>
  /** The same of those partitions that a broker answers for now: the others are missing, and nobody waits for them. */
  knownWatermarks(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, Watermarks>>
  /** Per partition the first offset appended at or after `time` (ms since 1970); its end where there is none. */
  offsetsSince(topic: string, partitions: readonly number[], time: number): Promise<ReadonlyMap<number, number>>
  /** Who holds back the stable offset, oldest first. */
  openTransactions(topic: string, partition: number): Promise<readonly OpenTransaction[]>
  reader(): LogReader
  writer(): Promise<LogWriter>
  claim(transactionalId: string): Promise<TransactionalWriter>
  /**
   * `replaces`: the id of a member whose process is dead for certain. It is taken out of the group first, so that its partitions need not
   * wait for its session to time out.
   */
  join(group: string, topic: string, events: MembershipEvents, replaces?: string | null): Promise<Membership>
  /** Who is in a group now; empty = nobody, also when there never was such a group. A killed member stays until its session ends. */
  members(group: string): Promise<readonly GroupMemberState[]>
  /** Group offsets are a hint for lag tools only; nothing reads them back. */
  hintOffsets(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void>
  close(): Promise<void>
}
