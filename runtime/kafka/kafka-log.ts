import { TributaryError } from '../../schemas/errors.js'
import type {
  GroupMemberState,
  Log,
  LogReader,
  LogWriter,
  Membership,
  MembershipEvents,
  OpenTransaction,
  TopicSettings,
  TopicState,
  TransactionalWriter,
  Watermarks,
} from '../log.js'
import { code } from './broker-errors.js'
import { ClusterMap } from './cluster-map.js'
import type { Codec } from './codec.js'
import { Connections, isConnectionLost } from './connections.js'
import { Coordinator } from './coordinator.js'
import { describeGroupRequest } from './describe-group-request.js'
import { GroupMembership, type MembershipTimes } from './group-membership.js'
import { offsetCommitRequest } from './group-requests.js'
import { IdempotentWriter } from './idempotent-writer.js'
import { KafkaReader } from './kafka-reader.js'
import { type KafkajsClient, type KafkaSecurity, kafkajsClient } from './kafkajs-internals.js'
import { openTransactionsOf } from './open-transactions.js'
import type { ProduceSettings } from './produce.js'
import { refused } from './request-errors.js'
import { selfTest } from './self-test.js'
import { TopicAdmin } from './topic-admin.js'
import { KafkaTransactionalWriter } from './transactional-writer.js'
import { knownWatermarksOf, offsetsSince, watermarksOf } from './watermarks.js'

export interface KafkaLogOptions extends KafkaSecurity {
  readonly brokers: string[]
  readonly clientId: string
  /** A transaction without an owner blocks committed readers for so long at most. */
  readonly transactionTimeoutMs?: number
  /** Records are cut into batches below this; a single larger record goes alone. Keep it below `max.message.bytes`. */
  readonly maxBatchBytes?: number
  readonly compression?: Codec
  readonly membership?: Partial<MembershipTimes>
  readonly logger?: { debug(message: string): void }
}

/** The log on a real Kafka. Connections are made when first used, and `close` ends them all. */
export function kafkaLog(options: KafkaLogOptions): Log {
  return new KafkaLog(options)
}

const defaultTimes: MembershipTimes = { sessionMs: 10_000, heartbeatMs: 1_000, rebalanceMs: 60_000 }

class KafkaLog implements Log {
  readonly #client: KafkajsClient
  readonly #options: KafkaLogOptions
  /** Metadata, offsets, coordinators: short requests only. */
  readonly #control: Connections
  /** Shared by all writers: a transactional producer is no more than its numbers. */
  readonly #producing: Connections
  readonly #map: ClusterMap
  readonly #admin: TopicAdmin
  readonly #readers = new Set<LogReader>()
  readonly #members = new Set<GroupMembership>()

  constructor(options: KafkaLogOptions) {
    const { logger, brokers, clientId, ssl, sasl } = options
    this.#options = options
    this.#client = kafkajsClient({
      brokers,
      clientId,
      ...(ssl === undefined ? {} : { ssl }),
      ...(sasl === undefined ? {} : { sasl }),
      ...(logger === undefined ? {} : { debug: (message: string) => logger.debug(message) }),
    })
    this.#control = new Connections(this.#client)
    this.#producing = new Connections(this.#client)
    this.#map = new ClusterMap(this.#control)
    this.#admin = new TopicAdmin(this.#map)
  }

  async selfTest(): Promise<{ clusterId: string; brokers: number }> {
    try {
      return await selfTest(this.#map, this.#control)
    } catch (cause) {
      throw isConnectionLost(cause) ? new TributaryError('KAFKA_UNREACHABLE', 'testing the brokers', { cause }) : cause
    }
  }

  describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicState>> {
    return this.#admin.describe(names)
  }

  createTopics(topics: readonly TopicSettings[]): Promise<void> {
    return this.#admin.create(topics)
  }

  configureTopics(configs: ReadonlyMap<string, Readonly<Record<string, string>>>): Promise<void> {
    return this.#admin.configure(configs)
  }

  deleteTopics(names: readonly string[]): Promise<void> {
    return this.#admin.delete(names)
  }

  watermarks(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, Watermarks>> {
    return watermarksOf(this.#map, this.#control, topic, partitions)
  }

  knownWatermarks(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, Watermarks>> {
    return knownWatermarksOf(this.#map, this.#control, topic, partitions)
  }

  offsetsSince(topic: string, partitions: readonly number[], time: number): Promise<ReadonlyMap<number, number>> {
    return offsetsSince(this.#map, this.#control, topic, partitions, time)
  }

  openTransactions(topic: string, partition: number): Promise<readonly OpenTransaction[]> {
    return openTransactionsOf(this.#map, this.#control, topic, partition)
  }

  reader(): LogReader {
    const reader = new KafkaReader(this.#map, new Connections(this.#client), () => this.#readers.delete(reader))
    this.#readers.add(reader)
    return reader
  }

  writer(): Promise<LogWriter> {
    return IdempotentWriter.open(this.#produceSettings())
  }

  claim(transactionalId: string): Promise<TransactionalWriter> {
    return KafkaTransactionalWriter.claim(transactionalId, this.#produceSettings(), this.#options.transactionTimeoutMs ?? 15_000)
  }

  async join(group: string, topic: string, events: MembershipEvents, replaces: string | null = null): Promise<Membership> {
    const connections = new Connections(this.#client)
    const times = { ...defaultTimes, ...this.#options.membership }
    const member = await GroupMembership.join({ map: this.#map, connections, group, topic, times, replaces }, events)
    for (const other of this.#members) if (other.isOver) this.#members.delete(other)
    this.#members.add(member)
    return member
  }

  async members(group: string): Promise<readonly GroupMemberState[]> {
    const coordinator = new Coordinator(this.#map, this.#control, 'group', group)
    const { error, members } = await coordinator.insist(describeGroupRequest(group), 30_000)
    if (error !== code.none) throw refused(`asking who is in ${group}`, error)
    return members
  }

  async hintOffsets(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void> {
    const member = [...this.#members].find(m => m.isIn(group))
    if (member !== undefined) return member.hintOffsets(topic, offsets)
    const outside = { group, memberId: '', generation: -1 }
    const coordinator = new Coordinator(this.#map, this.#control, 'group', group)
    await coordinator.insist(offsetCommitRequest(topic, outside, offsets), 5_000).catch(() => undefined)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members].map(member => member.abandon()))
    await Promise.all([...this.#readers].map(reader => reader.close()))
    await Promise.all([this.#producing.close(), this.#control.close()])
  }

  #produceSettings(): ProduceSettings {
    const { compression = 'none', maxBatchBytes = 900_000 } = this.#options
    return { map: this.#map, connections: this.#producing, codec: compression, maxBatchBytes }
  }
}
