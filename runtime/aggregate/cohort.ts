import { type EventTopicId, eventTopicIds } from '../../schemas/topics.js'
import { isMarker } from '../is-marker.js'
import type { Fetched } from '../log.js'
import type { Codec } from '../registry/codec.js'
import { type Member, noteMarker, type Offsets } from './member.js'

/** Aggregates of one task that read from the same position, the live ones or some that are catching up: they share what is decoded. */
export interface Cohort {
  readonly members: Member[]
  readonly next: Map<EventTopicId, number>
  /** `next` as of the last commit. */
  committed: ReadonlyMap<EventTopicId, number>
  /** Since the last commit. */
  records: number
  inputBytes: number
}

export function makeCohort(from: Offsets, members: Member[]): Cohort {
  const next = new Map(eventTopicIds.map(topic => [topic, from[topic] ?? 0]))
  return { members, next, committed: new Map(next), records: 0, inputBytes: 0 }
}

export const offsetsOf = (next: ReadonlyMap<EventTopicId, number>): Offsets => Object.fromEntries(next)

export const samePosition = (a: ReadonlyMap<EventTopicId, number>, b: ReadonlyMap<EventTopicId, number>) =>
  [...a].every(([topic, offset]) => b.get(topic) === offset)

/** Records between two positions (holes counted), as an upper bound of the work left. */
export function distance(behind: ReadonlyMap<EventTopicId, number>, ahead: ReadonlyMap<EventTopicId, number>): number {
  let sum = 0
  for (const [topic, offset] of behind) sum += Math.max(0, ahead.get(topic)! - offset)
  return sum
}

/** Steps through what was fetched of one topic and moves the position: both or neither, since nothing in between waits. */
export async function consume(cohort: Cohort, topic: EventTopicId, fetched: Fetched, codec: Codec): Promise<void> {
  // Markers are no events: they have no schema to learn.
  await codec.learn(
    topic,
    fetched.records.map(record => (isMarker(record) ? null : record.value)),
  )
  const takers = cohort.members.filter(({ aggregate }) => aggregate.from.includes(topic))
  for (const record of fetched.records) {
    cohort.records++
    if (record.value === null || record.key === null) continue
    cohort.inputBytes += record.value.length
    if (isMarker(record)) for (const member of takers) noteMarker(member, topic, record)
    else step(takers, codec, topic, record.key.toString(), record.value)
  }
  cohort.next.set(topic, fetched.next)
}

function step(takers: readonly Member[], codec: Codec, topic: EventTopicId, key: string, value: Buffer): void {
  const event = codec.decodeEvent(topic, value)
  const input = { key, id: event.id, event }
  for (const { aggregate, memory, changed } of takers) {
    const names = aggregate.step(input, memory)
    for (const [topic, keys] of changed) for (const key of names[topic] ?? []) keys.add(key)
  }
}
