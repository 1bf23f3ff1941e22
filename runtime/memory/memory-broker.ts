import { TributaryError } from '../../schemas/errors.js'
import type { OutRecord, TopicSettings } from '../log.js'
import { MemoryCoordinator } from './memory-coordinator.js'
import { MemoryGroup } from './memory-group.js'
import { MemoryPartition, type MemoryTransaction } from './memory-partition.js'

export interface MemoryTopic {
  readonly settings: TopicSettings
  readonly id: string
  readonly partitions: readonly MemoryPartition[]
}

/** What the logs of one simulated cluster share. Everything in it is synchronous: interleaving happens between calls. */
export class MemoryBroker {
  readonly topics = new Map<string, MemoryTopic>()
  readonly transactions = new MemoryCoordinator()
  /** How far the clocks of the brokers are off, ms: append times are theirs. Tests let them step. */
  skewMs = 0
  /** Group offsets, by group and topic. */
  readonly hints = new Map<string, ReadonlyMap<number, number>>()
  /** Partitions without a leader, by `topic/partition`. */
  readonly away = new Set<string>()
  readonly #groups = new Map<string, MemoryGroup>()
  readonly #waiting = new Set<() => void>()
  #made = 0

  create(settings: TopicSettings): void {
    if (this.topics.has(settings.name)) return
    const partitions = Array.from({ length: settings.partitions }, () => new MemoryPartition())
    this.topics.set(settings.name, { settings, id: `memory-topic-${++this.#made}`, partitions })
  }

  configure(name: string, config: Readonly<Record<string, string>>): void {
    const topic = this.topic(name)
    this.topics.set(name, { ...topic, settings: { ...topic.settings, config: { ...topic.settings.config, ...config } } })
  }

  topic(name: string): MemoryTopic {
    const topic = this.topics.get(name)
    if (topic === undefined) throw new TributaryError('TOPIC_MISSING', name)
    return topic
  }

  partition(name: string, partition: number): MemoryPartition {
    const found = this.topic(name).partitions[partition]
    if (found === undefined) throw new TributaryError('TOPIC_MISMATCH', `${name} has no partition ${partition}`)
    return found
  }

  /** For what only a leader can do. */
  led(name: string, partition: number): MemoryPartition {
    const found = this.partition(name, partition)
    if (this.away.has(`${name}/${partition}`)) throw new TributaryError('KAFKA_UNREACHABLE', `${name}/${partition}: no broker leads it`)
    return found
  }

  group(name: string): MemoryGroup {
    const group = this.#groups.get(name) ?? new MemoryGroup()
    this.#groups.set(name, group)
    return group
  }

  append(
    name: string,
    partition: number,
    records: readonly OutRecord[],
    transaction: MemoryTransaction | undefined,
    now: number,
  ): { first: number; last: number } {
    const { settings } = this.topic(name)
    const compacted = settings.config['cleanup.policy']?.includes('compact') === true
    if (compacted && records.some(record => record.key === null))
      throw new TributaryError('KAFKA_REQUEST', `writing to ${name}: a compacted topic takes no record without a key`)
    const limit = Number(settings.config['max.message.bytes'] ?? 6_291_456)
    if (records.some(record => sizeOf(record) > limit)) throw new TributaryError('MESSAGE_TOO_LARGE', `writing to ${name}/${partition}`)
    return this.led(name, partition).append(records, transaction, now + this.skewMs)
  }

  /** Wakes the long polls: something was appended or decided. */
  notify(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  /** Calls back at each change until the returned function is called. */
  onChange(wake: () => void): () => void {
    this.#waiting.add(wake)
    return () => this.#waiting.delete(wake)
  }
}

function sizeOf({ key, value, headers = [] }: OutRecord): number {
  return headers.reduce((sum, [name, text]) => sum + name.length + text.length, (key?.length ?? 0) + (value?.length ?? 0))
}
