import type { LogRecord } from '../../runtime/log.js'
import type { Codec } from '../../runtime/registry/codec.js'
import type { StateStore } from '../../runtime/state/state-store.js'
import type { Event } from '../../schemas/event.js'
import { isControlKey, parseStatePosition, positionKey, type StatePosition } from '../../schemas/state-records.js'
import { type EventTopicId, eventTopicIds, type StateTopicId, type TopicId } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
import { expectedStates } from '../processors/expected-states.js'
import { require } from './require.js'

/** What route has made, as it is in the log. */
export interface Made {
  events(topic: EventTopicId, partition: number): readonly { readonly offset: number; readonly value: Buffer }[]
  /** Behind its last output in each topic, as the ledger says. */
  ends(partition: number): Readonly<Partial<Record<EventTopicId, number>>>
}

/** One partition of one state topic. */
interface Held {
  readonly states: Map<string, unknown>
  next: StatePosition['next']
}

/**
 * States, changelog and positions of the aggregates. At every position a state topic holds what all events below it say, by a fold that
 * begins anew each time; positions never go back; and what comes into a local store was committed before.
 */
export class WatchStates {
  breach: Error | null = null
  readonly #held: ReadonlyMap<StateTopicId, readonly Held[]>
  /** Every value that a key of the changelog ever had, as text; a tombstone is null. */
  readonly #logged: readonly Map<string, Set<string | null>>[]
  readonly #events: readonly Map<EventTopicId, { offset: number; event: Event }[]>[]
  readonly #made: Made
  readonly #codec: Codec

  constructor(partitions: number, made: Made, codec: Codec) {
    const each = <T>(make: () => T) => Array.from({ length: partitions }, make)
    const topics = topology.aggregates.flatMap(({ to }) => to)
    this.#held = new Map(topics.map(topic => [topic, each((): Held => ({ states: new Map(), next: {} }))]))
    this.#logged = each(() => new Map<string, Set<string | null>>())
    this.#events = each(() => new Map(eventTopicIds.map(topic => [topic, []])))
    this.#made = made
    this.#codec = codec
  }

  get reading(): readonly (readonly [topic: TopicId, (records: readonly LogRecord[], partition: number) => void])[] {
    const topics = topology.aggregates.flatMap(({ name, to }) =>
      to.map(topic => [topic, (records: readonly LogRecord[], p: number) => this.#onStates(name, topic, records, p)] as const),
    )
    return [...topics, ['aggregate-changelog', (records, partition) => this.#onChangelog(records, partition)]]
  }

  /** A task's store, into which nothing may come that is not committed. */
  guarded(store: StateStore, partition: number): StateStore {
    const isCommitted = (key: Buffer, value: Buffer | null) =>
      this.#logged[partition]!.get(key.toString('latin1'))?.has(value === null ? null : value.toString('latin1')) === true
    return {
      ...store,
      merge: (change, header) => {
        const puts = [...(change.puts ?? [])]
        const deletes = [...(change.deletes ?? [])]
        // Thrown here it would only be one more failing disk: it is kept for the next look.
        if (!puts.every(([key, value]) => isCommitted(key, value)) || !deletes.every(key => isCommitted(key, null)))
          this.breach ??= new Error(`the store of the aggregates of partition ${partition} is given what is not committed`)
        return store.merge({ puts, deletes }, header)
      },
    }
  }

  /** What is not in the states yet of what route has made; null = nothing. */
  behind(): string | null {
    for (const [topic, partitions] of this.#held)
      for (const [p, { next }] of partitions.entries())
        for (const [from, end] of Object.entries(this.#made.ends(p)))
          if ((next[from as EventTopicId] ?? 0) < end) return `${topic} is at ${next[from as EventTopicId]} of ${end} in ${from}/${p}`
    return null
  }

  /** Every state, in canonical order. */
  all(): string[] {
    const texts = Array.from(this.#held, ([topic, partitions]) =>
      partitions.flatMap(({ states }) => Array.from(states, ([key, state]) => `${topic} ${key} ${JSON.stringify(state)}`)),
    )
    return texts.flat().sort()
  }

  /** All that one or more transactions wrote. */
  #onStates(aggregate: string, topic: StateTopicId, records: readonly LogRecord[], partition: number): void {
    const held = this.#held.get(topic)![partition]!
    for (const { key, value } of records) {
      const name = key!.toString()
      if (name === positionKey(aggregate)) this.#onPosition(topic, held, parseStatePosition(value!), partition)
      else if (isControlKey(name)) continue
      else if (value === null) require(held.states.delete(name), () => `${topic}/${partition}: ${name} is deleted and was not there`)
      else held.states.set(name, JSON.parse(JSON.stringify(this.#codec.decodeState(topic, value))))
    }
  }

  #onPosition(topic: StateTopicId, held: Held, { next }: StatePosition, partition: number): void {
    for (const from of eventTopicIds)
      require((next[from] ?? 0) >= (held.next[from] ?? 0), () => `the position of ${topic} in ${from}/${partition} goes back`)
    held.next = next
    const expected = expectedStates(this.#below(partition, next))[topic]
    const found = Object.fromEntries([...held.states].sort(([a], [b]) => (a < b ? -1 : 1)))
    require(spelt(found) === spelt(expected), () =>
      `${topic}/${partition} at ${JSON.stringify(next)}: ${spelt(found)}\nthe events say ${spelt(expected)}`)
  }

  #below(partition: number, next: StatePosition['next']): Event[] {
    return eventTopicIds.flatMap(topic => {
      const known = this.#events[partition]!.get(topic)!
      const seen = this.#made.events(topic, partition)
      for (const { offset, value } of seen.slice(known.length)) known.push({ offset, event: this.#codec.decodeEvent(topic, value) })
      return known.flatMap(({ offset, event }) => (offset < (next[topic] ?? 0) ? [event] : []))
    })
  }

  #onChangelog(records: readonly LogRecord[], partition: number): void {
    const logged = this.#logged[partition]!
    for (const { key, value } of records) {
      const name = key!.toString('latin1')
      logged.set(name, (logged.get(name) ?? new Set()).add(value === null ? null : value.toString('latin1')))
    }
  }
}

/** The same for the same, in whatever order its parts were put. */
function spelt(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}
