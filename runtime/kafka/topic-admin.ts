import { TributaryError } from '../../schemas/errors.js'
import type { TopicSettings, TopicState } from '../log.js'
import { BackOff } from './back-off.js'
import type { ClusterMap } from './cluster-map.js'
import type { KafkajsAdmin, KafkajsClient } from './kafkajs-internals.js'

const topicResource = 2
const leaderMs = 30_000
/** Longer than a broker's session: then it is not listed any more. */
const reachMs = 15_000
const unknownTopic = 'UNKNOWN_TOPIC_OR_PARTITION'

/** Topics through kafkajs's admin client. It is connected for each call only: administration is rare, an idle connection is not free. */
export class TopicAdmin {
  readonly #client: KafkajsClient
  readonly #map: ClusterMap

  constructor(client: KafkajsClient, map: ClusterMap) {
    this.#client = client
    this.#map = map
  }

  async describe(names: readonly string[]): Promise<ReadonlyMap<string, TopicState>> {
    const topics = names.length === 0 ? new Map() : await this.#map.topics(names)
    if (topics.size === 0) return new Map()
    const resources = [...topics.keys()].map(name => ({ type: topicResource, name }))
    const described = await this.#with('describing topics', admin => admin.describeConfigs({ includeSynonyms: false, resources }))
    const states = new Map<string, TopicState>()
    for (const { resourceName, configEntries } of described.resources) {
      const topic = topics.get(resourceName)
      if (topic === undefined) continue
      const config = Object.fromEntries(configEntries.map(entry => [entry.configName, entry.configValue]))
      states.set(topic.name, { name: topic.name, id: topic.id, partitions: topic.partitions.length, config })
    }
    return states
  }

  async create(topics: readonly TopicSettings[]): Promise<void> {
    if (topics.length === 0) return
    const wanted = topics.map(({ name, partitions, replication, config }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: replication,
      configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
    }))
    // Topics that exist already are no error to kafkajs, nor to us: what they are like is checked by `describe`.
    await this.#with('creating topics', admin => admin.createTopics({ topics: wanted, waitForLeaders: false, timeout: 30_000 }))
    await this.#untilLed(topics.map(topic => topic.name))
  }

  /** Not kafkajs's `waitForLeaders`: it throws when the broker that it asks has not heard of a topic yet. */
  async #untilLed(names: readonly string[]): Promise<void> {
    const backOff = new BackOff(leaderMs)
    for (;;) {
      const there = await this.#map.topics(names)
      if (names.every(name => there.get(name)?.partitions.every(({ leader }) => leader >= 0))) return
      if (backOff.expired) throw new TributaryError('KAFKA_REQUEST', `creating topics: no leaders after ${leaderMs / 1000} s`)
      await backOff.wait()
    }
  }

  async delete(names: readonly string[]): Promise<void> {
    const present = names.length === 0 ? [] : [...(await this.#map.topics(names)).keys()]
    if (present.length === 0) return
    await this.#with('deleting topics', admin => admin.deleteTopics({ topics: present, timeout: 30_000 }))
    await this.#untilGone(present)
  }

  /** Who makes a topic of the same name next must not be told that it is there already. */
  async #untilGone(names: readonly string[]): Promise<void> {
    const backOff = new BackOff(leaderMs)
    while ((await this.#map.topics(names)).size > 0) {
      if (backOff.expired) throw new TributaryError('KAFKA_REQUEST', `deleting topics: still there after ${leaderMs / 1000} s`)
      await backOff.wait()
    }
  }

  /** Again while the broker that kafkajs chose is out of reach: metadata lists one that just died until its session is over. */
  async #with<T>(doing: string, work: (admin: KafkajsAdmin) => Promise<T>): Promise<T> {
    const backOff = new BackOff(reachMs)
    for (;;) {
      try {
        return await this.#once(work)
      } catch (cause) {
        const {
          type,
          name,
          message,
          errors = [],
        } = cause as { type?: unknown; name?: unknown; message?: unknown; errors?: readonly Error[] }
        if (type === unknownTopic) throw new TributaryError('TOPIC_MISSING', doing, { cause })
        const lost = name === 'KafkaJSConnectionError' || name === 'KafkaJSNumberOfRetriesExceeded'
        const text = `${doing}: ${[message, ...errors.map(error => error.message)].join('; ')}`
        if (!lost) throw new TributaryError('KAFKA_REQUEST', text, { cause })
        if (backOff.expired) throw new TributaryError('KAFKA_UNREACHABLE', text, { cause })
      }
      await backOff.wait()
    }
  }

  async #once<T>(work: (admin: KafkajsAdmin) => Promise<T>): Promise<T> {
    const admin = this.#client.admin()
    try {
      await admin.connect()
      return await work(admin)
    } finally {
      await admin.disconnect().catch(() => undefined)
    }
  }
}
