import type { OutRecord } from '../../runtime/log.js'
import { type Codec, openCodec } from '../../runtime/registry/codec.js'
import { learnerKey } from '../../schemas/learner-key.js'
import type { LearnerState } from '../../schemas/learner-state.js'
import { partitionOf } from '../../schemas/partition.js'
import { type SessionState, sessionKey } from '../../schemas/session-state.js'
import { positionKey } from '../../schemas/state-records.js'
import { eventTopicIds, type StateTopicId, topicName } from '../../schemas/topics.js'
import type { World } from './world.js'

const measures = { partsAttempted: 0, partsCorrect: 0, score: 0, outOf: 0, hints: 0, pages: 0, watchedMs: 0 }
const day = Date.UTC(2025, 0, 13) * 1000

export function learnerState(n: number, more: Partial<LearnerState> = {}): LearnerState {
  const place = { section: String(145 + (n % 2)), host: 'torus.test', learner: String(n) }
  return { ...place, first: day, last: day + n, activeDays: 1, sessions: 1, events: { page_viewed: 1 }, ...measures, ...more }
}

export function sessionState(n: number, first: number, more: Partial<SessionState> = {}): SessionState {
  const { section, host, learner, events } = learnerState(n)
  return {
    section,
    host,
    learner,
    first: day + first,
    last: day + first,
    sourceSessions: [],
    sourceSessionCount: 0,
    events,
    ...measures,
    ...more,
  }
}

type AnyState = LearnerState | SessionState

/** Writes states as the aggregate of the topic does: in a transaction that ends with its position. */
export interface StateWriter {
  /** `gone`: their records are tombstones. */
  write(states: readonly AnyState[], gone?: readonly AnyState[]): Promise<void>
}

export async function stateWriter(world: World, topic: StateTopicId): Promise<StateWriter> {
  const { log, naming, registry, config } = world.services
  const codec: Codec = await openCodec(registry, naming)
  const keyOf = (state: AnyState) => {
    const key = learnerKey(state.section, state.host, state.learner)
    return topic === 'state.sessions' ? sessionKey(key, state.first) : key
  }
  const home = ({ section, host, learner }: AnyState) => partitionOf(Buffer.from(learnerKey(section, host, learner)), config.partitions)
  return {
    async write(states, gone = []) {
      for (let partition = 0; partition < config.partitions; partition++) {
        const next = Object.fromEntries(
          await Promise.all(
            eventTopicIds.map(async id => [id, (await log.watermarks(topicName(id, naming), [partition])).get(partition)!.stable] as const),
          ),
        )
        const record = (state: AnyState, value: Buffer | null): OutRecord => ({ key: Buffer.from(keyOf(state)), value })
        const records = [
          ...states.filter(state => home(state) === partition).map(state => record(state, codec.encodeState(topic, state))),
          ...gone.filter(state => home(state) === partition).map(state => record(state, null)),
          { key: Buffer.from(positionKey(topic.slice('state.'.length))), value: codec.encodePosition({ next }) },
        ]
        const tx = await log.claim(`${naming.prefix}states-${topic}-${partition}`)
        await tx.send([{ topic: topicName(topic, naming), partition, records }])
        await tx.commit()
        await tx.close()
      }
    },
  }
}
