import type { Aggregate } from '../../processors/aggregate.js'
import { headers } from '../../schemas/headers.js'
import { markerKey } from '../../schemas/state-records.js'
import type { EventTopicId, StateTopicId } from '../../schemas/topics.js'
import { headerText, type LogRecord, type OutRecord } from '../log.js'
import type { TaskMemory } from './task-memory.js'

/** Next offset per event topic. */
export type Offsets = Readonly<Partial<Record<EventTopicId, number>>>

/** Where an aggregate stands, as its record in the changelog says. */
export interface Standing {
  readonly next: Offsets
  /** Markers that were not read in every topic yet: where they were. */
  readonly markers: Readonly<Record<string, readonly EventTopicId[]>>
}

/** One aggregate in one task. */
export interface Member {
  readonly aggregate: Aggregate
  readonly memory: TaskMemory
  /** Keys of its state topics to look at in the next commit. */
  readonly changed: ReadonlyMap<StateTopicId, Set<string>>
  readonly waiting: Map<string, Set<EventTopicId>>
  /** Markers to pass on with the next commit. */
  readonly passed: OutRecord[]
}

export function makeMember(aggregate: Aggregate, memory: TaskMemory, { markers }: Standing): Member {
  const waiting = new Map(Object.entries(markers).map(([marker, topics]) => [marker, new Set(topics)]))
  return { aggregate, memory, changed: new Map(aggregate.to.map(topic => [topic, new Set()])), waiting, passed: [] }
}

/** A marker says that all of a run is before it: that is so for the states when it was read in every topic that they come from. */
export function noteMarker({ aggregate, waiting, passed }: Member, topic: EventTopicId, record: LogRecord): void {
  const kind = headerText(record, headers.marker)!
  const key = record.key!.toString()
  const name = `${kind} ${key}`
  const seen = (waiting.get(name) ?? new Set<EventTopicId>()).add(topic)
  waiting.set(name, seen)
  if (!aggregate.from.every(from => seen.has(from))) return
  waiting.delete(name)
  passed.push({
    key: Buffer.from(markerKey(key.slice('marker|'.length))),
    value: Buffer.from(record.value!),
    headers: [[headers.marker, kind]],
  })
}

export function standingOf({ waiting }: Member, next: Offsets): Standing {
  return { next, markers: Object.fromEntries(Array.from(waiting, ([marker, topics]) => [marker, [...topics]])) }
}
