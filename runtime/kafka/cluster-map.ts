import { BackOff } from './back-off.js'
import { type Connections, isConnectionLost } from './connections.js'
import type { Destination } from './kafkajs-internals.js'
import { type ClusterMetadata, metadataRequest, type TopicMetadata } from './metadata-request.js'
import { unreachable } from './request-errors.js'
import type { WireRequest } from './wire-request.js'

/** Who leads which partition, as far as known; asked again when a broker says it is otherwise. */
export class ClusterMap {
  readonly #connections: Connections
  readonly #topics = new Map<string, TopicMetadata>()
  #brokers = new Map<number, Destination>()
  #asking: { readonly topics: ReadonlySet<string>; readonly done: Promise<ClusterMetadata> } | undefined

  constructor(connections: Connections) {
    this.#connections = connections
  }

  /** Undefined while the topic is not there or has no leader. */
  async leaderOf(topic: string, partition: number): Promise<Destination | undefined> {
    if (!this.#topics.has(topic)) await this.refresh([topic])
    const leader = this.#topics.get(topic)?.partitions.find(p => p.partition === partition)?.leader
    return leader === undefined ? undefined : this.#brokers.get(leader)
  }

  knows(topic: string): boolean {
    return this.#topics.has(topic)
  }

  /** The topics that exist among `names`, asked anew. */
  async topics(names: readonly string[]): Promise<ReadonlyMap<string, TopicMetadata>> {
    const { topics } = await this.refresh(names)
    return new Map(topics.filter(topic => topic.error === 0).map(topic => [topic.name, topic]))
  }

  /** One question at a time serves all who ask for the same topics. */
  async refresh(names: readonly string[], limitMs = 30_000): Promise<ClusterMetadata> {
    const asking = this.#asking
    if (asking !== undefined && names.every(name => asking.topics.has(name))) return asking.done
    const mine = { topics: new Set(names), done: this.#ask(names, limitMs) }
    this.#asking = mine
    try {
      return await mine.done
    } finally {
      if (this.#asking === mine) this.#asking = undefined
    }
  }

  /** Sends to any broker that answers: the known ones first, then those of the configuration. */
  async sendToAny<Answer>(request: WireRequest<Answer>, limitMs = 30_000): Promise<Answer> {
    const backOff = new BackOff(limitMs)
    for (;;) {
      for (const to of [...this.#brokers.values(), undefined]) {
        try {
          return await this.#connections.send(to, request)
        } catch (error) {
          if (!isConnectionLost(error)) throw error
          if (backOff.expired) throw unreachable(`sending ${request.name}`, error)
        }
      }
      await backOff.wait()
    }
  }

  async #ask(names: readonly string[], limitMs: number): Promise<ClusterMetadata> {
    const metadata = await this.sendToAny(metadataRequest(names), limitMs)
    const first = this.#brokers.size === 0
    this.#brokers = new Map(metadata.brokers.map(broker => [broker.node, broker]))
    for (const topic of metadata.topics) {
      if (topic.error === 0) this.#topics.set(topic.name, topic)
      else this.#topics.delete(topic.name)
    }
    // From now on brokers are addressed by their own names: the connection to the configured address is not needed twice.
    if (first) await this.#connections.cut()
    return metadata
  }
}
