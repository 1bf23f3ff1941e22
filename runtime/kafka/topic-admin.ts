import { TributaryError } from '../../schemas/errors.js'
import type { TopicSettings, TopicState } from '../log.js'
import { BackOff } from './back-off.js'
import { code, errorName } from './broker-errors.js'
import type { ClusterMap } from './cluster-map.js'
import {
  configureTopicsRequest,
  createTopicsRequest,
  deleteTopicsRequest,
  describeConfigsRequest,
  type TopicAnswer,
} from './topic-requests.js'
import type { WireRequest } from './wire-request.js'

const leaderMs = 30_000
/** Longer than a broker's session: then it is not listed any more. */
const reachMs = 15_000

/** Topics: any broker is asked, and hands on what only the controller can do. */
export class TopicAdmin {
  readonly #map: ClusterMap

  constructor(map: ClusterMap) {
    this.#map = map
  }

  async describe(names: readonly string[]): Promise<ReadonlyMap<string, TopicState>> {
    const topics = names.length === 0 ? new Map() : await this.#map.topics(names)
    if (topics.size === 0) return new Map()
    const answers = await this.#ask('describing topics', [...topics.keys()], describeConfigsRequest, [code.unknownTopicOrPartition])
    const states = new Map<string, TopicState>()
    for (const { topic: name, error, config } of answers) {
      const topic = topics.get(name)
      if (error === code.none && topic !== undefined) states.set(name, { name, id: topic.id, partitions: topic.partitions.length, config })
    }
    return states
  }

  async create(topics: readonly TopicSettings[]): Promise<void> {
    if (topics.length === 0) return
    const settingsOf = new Map(topics.map(topic => [topic.name, topic]))
    const request = (names: readonly string[]) => createTopicsRequest(names.map(name => settingsOf.get(name)!))
    // What exists already is no error: what it is like is checked by `describe`.
    await this.#ask('creating topics', [...settingsOf.keys()], request, [code.topicAlreadyExists])
    await this.#untilLed([...settingsOf.keys()])
  }

  async configure(configs: ReadonlyMap<string, Readonly<Record<string, string>>>): Promise<void> {
    const request = (names: readonly string[]) => configureTopicsRequest(names.map(name => [name, configs.get(name)!]))
    if (configs.size > 0) await this.#ask('configuring topics', [...configs.keys()], request, [])
  }

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
    await this.#ask('deleting topics', present, deleteTopicsRequest, [code.unknownTopicOrPartition])
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

  /** Again for what the controller could not do yet: it may move, or take its time. `fine`: codes that are as good as done. */
  async #ask<Answer extends TopicAnswer>(
    doing: string,
    names: readonly string[],
    request: (names: readonly string[]) => WireRequest<readonly Answer[]>,
    fine: readonly number[],
  ): Promise<readonly Answer[]> {
    const backOff = new BackOff(reachMs)
    const answers: Answer[] = []
    for (let left = names; ; ) {
      const again: Answer[] = []
      for (const answer of await this.#map.sendToAny(request(left), reachMs)) {
        if (answer.error === code.none || fine.includes(answer.error)) answers.push(answer)
        else if (mayPass.has(answer.error) && !backOff.expired) again.push(answer)
        else throw refusal(doing, answer)
      }
      if (again.length === 0) return answers
      left = again.map(({ topic }) => topic)
      await backOff.wait()
    }
  }
}

/** Too few brokers for the replicas is what a controller says, too, of brokers that have just missed their heartbeats (seen on a loaded machine). */
const mayPass = new Set<number>([code.requestTimedOut, code.coordinatorNotAvailable, code.notController, code.invalidReplicationFactor])

function refusal(doing: string, { topic, error, why }: TopicAnswer): TributaryError {
  return new TributaryError('KAFKA_REQUEST', `${doing}: ${topic}: ${errorName(error)}${why === null ? '' : `, ${why}`}`)
}
