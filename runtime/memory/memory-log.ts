import { setTimeout as sleep } from 'node:timers/promises'
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
import { MemoryBroker } from './memory-broker.js'
import type { MemoryGroup, MemoryMember } from './memory-group.js'
import { type MemoryClock, MemoryReader } from './memory-reader.js'
import { type MemoryContext, type MemoryOperation, type MemoryPoint, MemoryTransactionalWriter, MemoryWriter } from './memory-writers.js'

export interface MemoryLogOptions {
  /** Shared by the logs of one simulated cluster; absent = a cluster of its own. */
  readonly broker?: MemoryBroker
  readonly clock?: MemoryClock
  readonly transactionTimeoutMs?: number
  /**
   * Awaited at each point: a scheduler interleaves here, and what it throws is what the caller gets. Before a request of a transactional
   * writer it is given what the request does: one that was given up, but is still under way, arrives when `late` is called.
   */
  readonly step?: (point: MemoryPoint, late?: () => void) => Promise<void> | void
}

/** The port in memory, and what only a simulation can ask of it. */
export interface MemoryLog extends Log {
  readonly broker: MemoryBroker
  compact(topic: string, keepTombstones?: boolean): void
  /** Deletes what lies before `offset`. */
  truncate(topic: string, partition: number, offset: number): void
  /** The disk of the broker has spoilt the record at `offset`. */
  damage(topic: string, partition: number, offset: number): void
  /** The next `times` operations of this log throw here: before their effect, or after it, as when the answer is lost. */
  fail(point: MemoryPoint, times?: number): void
  /** A paused process: its member is thrown out, and learns it when `awake` resolves. */
  expel(member: Membership, awake: Promise<void>): Promise<void>
  /** Group offsets as last hinted, for tests. */
  hinted(group: string, topic: string): ReadonlyMap<number, number>
}

const systemClock: MemoryClock = {
  now: () => Date.now(),
  wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
}

/** In memory, with the broker's rules: transactions, fencing, stable offsets, markers that take offsets. Deterministic. */
export function memoryLog(options: MemoryLogOptions = {}): MemoryLog {
  return new InMemoryLog(options)
}

class InMemoryLog implements MemoryLog, MemoryContext {
  readonly broker: MemoryBroker
  readonly #options: MemoryLogOptions
  readonly #clock: MemoryClock
  readonly #failing = new Map<MemoryPoint, number>()
  readonly #members = new Map<Membership, MemoryGroup>()
  readonly #readers = new Set<LogReader>()

  constructor(options: MemoryLogOptions) {
    this.#options = options
    this.broker = options.broker ?? new MemoryBroker()
    this.#clock = options.clock ?? systemClock
  }

  now(): number {
    return this.#clock.now()
  }

  async at<T>(operation: MemoryOperation, effect: () => T, comesLate = false): Promise<T> {
    const happen = () => {
      this.broker.transactions.expire(this.now())
      const result = effect()
      if (operation !== 'fetch' && operation !== 'watermarks') this.broker.notify()
      return result
    }
    await this.#point(`${operation}.before`, comesLate ? happen : undefined)
    const result = happen()
    await this.#point(`${operation}.after`)
    return result
  }

  async selfTest(): Promise<{ clusterId: string; brokers: number }> {
    return { clusterId: 'memory', brokers: 1 }
  }

  async describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicState>> {
    const states = new Map<string, TopicState>()
    for (const name of names) {
      const topic = this.broker.topics.get(name)
      if (topic === undefined) continue
      states.set(name, { name, id: topic.id, partitions: topic.partitions.length, config: { ...topic.settings.config } })
    }
    return states
  }

  async createTopics(topics: readonly TopicSettings[]): Promise<void> {
    for (const topic of topics) this.broker.create(topic)
  }

  async configureTopics(configs: ReadonlyMap<string, Readonly<Record<string, string>>>): Promise<void> {
    for (const [name, config] of configs) this.broker.configure(name, config)
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    for (const name of names) this.broker.topics.delete(name)
  }

  watermarks(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, Watermarks>> {
    return this.at('watermarks', () => new Map(partitions.map(p => [p, this.broker.led(topic, p).marks])))
  }

  knownWatermarks(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, Watermarks>> {
    return this.watermarks(
      topic,
      partitions.filter(p => !this.broker.away.has(`${topic}/${p}`)),
    )
  }

  offsetsSince(topic: string, partitions: readonly number[], time: number): Promise<ReadonlyMap<number, number>> {
    return this.at('watermarks', () => new Map(partitions.map(p => [p, this.broker.led(topic, p).offsetSince(time)])))
  }

  async openTransactions(topic: string, partition: number): Promise<readonly OpenTransaction[]> {
    return this.broker.partition(topic, partition).open
  }

  reader(): LogReader {
    const reader = new MemoryReader(this, this.#clock)
    this.#readers.add(reader)
    return reader
  }

  async writer(): Promise<LogWriter> {
    return new MemoryWriter(this)
  }

  claim(transactionalId: string): Promise<TransactionalWriter> {
    const timeoutMs = this.#options.transactionTimeoutMs ?? 15_000
    return this.at(
      'claim',
      () => new MemoryTransactionalWriter(this, transactionalId, this.broker.transactions.claim(transactionalId, timeoutMs, this.now())),
      true,
    )
  }

  async join(group: string, topic: string, events: MembershipEvents, replaces: string | null = null): Promise<Membership> {
    const joined = this.broker.group(group)
    const member = await joined.join(events, this.broker.topic(topic).partitions.length, replaces)
    this.#members.set(member, joined)
    return member
  }

  async members(group: string): Promise<readonly GroupMemberState[]> {
    return this.broker.group(group).members.map(({ id, owned }) => ({ id, client: 'memory', host: 'memory', partitions: owned }))
  }

  async hintOffsets(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void> {
    this.broker.hints.set(`${group} ${topic}`, new Map([...this.hinted(group, topic), ...offsets]))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#readers].map(reader => reader.close()))
    for (const [membership, group] of this.#members) {
      const member = membership as MemoryMember
      if (await group.drop(member)) member.events.lost(new Error('the log was closed'))
    }
  }

  compact(topic: string, keepTombstones = true): void {
    for (const partition of this.broker.topic(topic).partitions) partition.compact(keepTombstones)
  }

  truncate(topic: string, partition: number, offset: number): void {
    this.broker.partition(topic, partition).truncate(offset)
  }

  damage(topic: string, partition: number, offset: number): void {
    this.broker.partition(topic, partition).damage(offset)
  }

  fail(point: MemoryPoint, times = 1): void {
    this.#failing.set(point, times)
  }

  async expel(member: Membership, awake: Promise<void>): Promise<void> {
    await this.#members.get(member)?.expel(member as MemoryMember, awake)
  }

  hinted(group: string, topic: string): ReadonlyMap<number, number> {
    return this.broker.hints.get(`${group} ${topic}`) ?? new Map()
  }

  async #point(point: MemoryPoint, late?: () => void): Promise<void> {
    await this.#options.step?.(point, late)
    const times = this.#failing.get(point) ?? 0
    if (times === 0) return
    this.#failing.set(point, times - 1)
    throw new TributaryError('KAFKA_UNREACHABLE', `injected at ${point}`)
  }
}
