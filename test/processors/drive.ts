import type { Aggregate, Json, Memory } from '../../processors/aggregate.js'
import type { Event } from '../../schemas/event.js'
import { learnerKey } from '../../schemas/learner-key.js'
import type { StateTopicId } from '../../schemas/topics.js'

/** Memory as text, so that nothing but JSON survives; what is read is frozen. */
export class TextMemory implements Memory {
  /** Under `learner|key`. */
  readonly values: Map<string, string>
  /** Of the longest value that was ever put. */
  longest = 0

  constructor(values: Iterable<readonly [string, string]> = []) {
    this.values = new Map(values)
  }

  get<Value extends Json>(learner: string, key: string): Value | undefined {
    const text = this.values.get(`${learner}|${key}`)
    return text === undefined ? undefined : (frozen(JSON.parse(text)) as Value)
  }

  put(learner: string, key: string, value: Json): void {
    const text = JSON.stringify(value)
    this.longest = Math.max(this.longest, text.length)
    this.values.set(`${learner}|${key}`, text)
  }

  delete(learner: string, key: string): void {
    this.values.delete(`${learner}|${key}`)
  }
}

export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}

export const keyOf = ({ section, host, learner }: Event) => learnerKey(section, host, learner)

export const inputOf = (event: Event) => ({ key: keyOf(event), id: event.id, event })

/** What the state topics hold after batches of events: after each one the keys that changed are looked at, as a transaction does it. */
export function drive(aggregate: Aggregate, batches: Iterable<readonly Event[]>, memory = new TextMemory()) {
  const states = new Map(aggregate.to.map(topic => [topic, new Map<string, unknown>()]))
  for (const events of batches) {
    const changed = aggregate.to.map(topic => [topic, new Set<string>()] as const)
    for (const event of events) {
      const keys = aggregate.step(inputOf(event), memory)
      for (const [topic, set] of changed) for (const key of keys[topic] ?? []) set.add(key)
    }
    for (const [topic, keys] of changed) for (const key of keys) note(states.get(topic)!, key, aggregate.output(topic, key, memory))
  }
  const inOrder = (found: ReadonlyMap<string, unknown>) => Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
  return { states: Object.fromEntries(Array.from(states, ([topic, found]) => [topic, inOrder(found)])) as States, memory }
}

/** By topic and key. */
export type States = Readonly<Record<StateTopicId, Readonly<Record<string, unknown>>>>

function note(states: Map<string, unknown>, key: string, state: object | null): void {
  if (state === null) states.delete(key)
  else states.set(key, JSON.parse(JSON.stringify(state)))
}
