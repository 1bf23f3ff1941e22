import { instantText } from '../../schemas/dataset-spec.js'
import { isControlKey } from '../../schemas/state-records.js'
import { type StateTopicId, topicName } from '../../schemas/topics.js'
import type { State } from '../../sinks/format.js'
import type { Place } from '../dead-letters/letter.js'
import type { LogRecord } from '../log.js'
import { walkRange } from '../read-range.js'
import { readRecord } from '../read-record.js'
import type { Explaining } from './explaining.js'

/** A record of a state topic where it stands. */
export interface StateAt extends Place {
  readonly topic: StateTopicId
  readonly state: State
}

interface StatePartition {
  readonly topic: StateTopicId
  readonly partition: number
}

export interface StateRecord {
  readonly key: string
  readonly offset: number
  /** Null = the state is gone. */
  readonly value: Buffer | null
}

/** From an offset on, fetch by fetch, what are states or say that one is gone. The views are good until the next ones are asked for. */
export async function* stateRecords(
  { services, reader }: Explaining,
  { topic, partition }: StatePartition,
  from: number | null = null,
): AsyncGenerator<readonly StateRecord[]> {
  const name = topicName(topic, services.naming)
  const { low, stable } = (await services.log.watermarks(name, [partition])).get(partition)!
  for await (const { records } of walkRange(reader, { topic: name, partition, from: from ?? low, to: stable }))
    yield records.flatMap(stateRecord)
}

function stateRecord({ key, offset, value }: LogRecord): readonly StateRecord[] {
  const text = key?.toString()
  return text === undefined || isControlKey(text) ? [] : [{ key: text, offset, value }]
}

/** Null = there is no state (any more). */
export async function stateAt(e: Explaining, { topic, partition }: StatePartition, offset: number): Promise<StateAt | null> {
  const record = await readRecord(e.reader, topicName(topic, e.services.naming), partition, offset)
  if (!record?.value) return null
  await e.codec.learn(topic, [record.value])
  return { topic, partition, offset, state: e.codec.decodeState(topic, record.value) as State }
}

/** For scripts: times as ISO text. */
export function stateDocument({ state, ...at }: StateAt): object {
  return { ...at, state: { ...state, first: instantText(state.first), last: instantText(state.last) } }
}
