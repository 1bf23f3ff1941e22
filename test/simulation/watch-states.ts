import type { LogRecord } from '../../runtime/log.js'
import type { Codec } from '../../runtime/registry/codec.js'
import type { StateStore } from '../../runtime/state/state-store.js'
import type { Event } from '../../schemas/event.js'
import { learnerKey } from '../../schemas/learner-key.js'
import { isControlKey, positionKey, type StatePosition } from '../../schemas/state-records.js'
import { type EventTopicId, eventTopicIds, type StateTopicId, type TopicId } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
import { expectedStates } from '../processors/expected-states.js'
import type { Tally } from './faults.js'
import { require } from './require.js'

/** What route has made, as it is in the log. */
export interface Made {
  events(topic: EventTopicId, partition: number): readonly { readonly offset: number; readonly value: Buffer }[]
  /** Behind its last output in each topic, as the ledger says. */
  ends(partition: number): Readonly<Partial<Record<EventTopicId, number>>>
}

/** A committed record of a state topic. */
export interface StateRecord {
  readonly offset: number
  readonly key: string
  /** As it lies there; null = a tombstone. */
  readonly value: Buffer | null
  /** What it says, always in the same words. */
  readonly state: string | null
  /** Of a position record. */
  readonly next: StatePosition['next'] | null
}

/** A state topic's partition below some offset. */
export interface StatesBelow {
  /** What each key has. */
  readonly states: ReadonlyMap<string, string>
  /** Below these offsets every event is in. */
  readonly next: StatePosition['next']
  /** It ends where a transaction ends. */
  readonly whole: boolean
}

/** One partition of one state topic. */
interface Held {
  readonly records: StateRecord[]
  readonly states: Map<string, string>
  /** Keys written since the last position. */
  readonly touched: Set<string>
  /** What the events below the last position say, by learner. */
  readonly expected: Map<string, ReadonlyMap<string, string>>
  readonly below: Map<number, StatesBelow>
  next: StatePosition['next']
}

interface Seen {
  readonly offset: number
  readonly learner: string
  readonly event: Event
}

/** The same learners do the same in every world: by topic, learner and ids of the events, what the states are by key. */
const said = new Map<string, ReadonlyMap<string, string>>()

/** What these events of one learner say, by a fold that begins anew. */
function statesOf(topic: StateTopicId, learner: string, events: readonly Event[]): ReadonlyMap<string, string> {
  const which = [learner, ...events.map(({ id }) => id).sort()].join(' ')
  if (!said.has(`${topic} ${which}`))
    for (const [each, states] of Object.entries(expectedStates(events)))
      said.set(`${each} ${which}`, new Map(Object.entries(states).map(([key, state]) => [key, inWords(state)])))
  return said.get(`${topic} ${which}`)!
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
  readonly #events: readonly Map<EventTopicId, Seen[]>[]
  readonly #made: Made
  readonly #codec: Codec
  readonly #tally: Tally

  constructor(partitions: number, made: Made, codec: Codec, tally: Tally) {
    const each = <T>(make: () => T) => Array.from({ length: partitions }, make)
    const topics = topology.aggregates.flatMap(({ to }) => to)
    const nothing = (): Held => ({
      records: [],
      states: new Map(),
      touched: new Set(),
      expected: new Map(),
      below: new Map(),
      next: {},
    })
    this.#held = new Map(topics.map(topic => [topic, each(nothing)]))
    this.#logged = each(() => new Map<string, Set<string | null>>())
    this.#events = each(() => new Map(eventTopicIds.map(topic => [topic, []])))
    this.#made = made
    this.#codec = codec
    this.#tally = tally
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

  /** All that was committed, in its order. */
  records(topic: StateTopicId, partition: number): readonly StateRecord[] {
    return this.#held.get(topic)![partition]!.records
  }

  /** Where its transactions end. */
  ends(topic: StateTopicId, partition: number): readonly number[] {
    return this.records(topic, partition).flatMap(({ next, offset }) => (next === null ? [] : [offset + 1]))
  }

  /** As it was below this offset. */
  below(topic: StateTopicId, partition: number, end: number): StatesBelow {
    const { records, below } = this.#held.get(topic)![partition]!
    let found = below.get(end)
    if (found === undefined) {
      const states = new Map<string, string>()
      let next: StatePosition['next'] = {}
      let whole = true
      for (const record of records) {
        if (record.offset >= end) break
        whole = record.next !== null
        if (record.next !== null) next = record.next
        else if (record.state === null) states.delete(record.key)
        else states.set(record.key, record.state)
      }
      found = { states, next, whole }
      below.set(end, found)
    }
    return found
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
      partitions.flatMap(({ states }) => Array.from(states, ([key, state]) => `${topic} ${key} ${state}`)),
    )
    return texts.flat().sort()
  }

  /** All that one or more transactions wrote. */
  #onStates(aggregate: string, topic: StateTopicId, records: readonly LogRecord[], partition: number): void {
    const held = this.#held.get(topic)![partition]!
    for (const { key: bytes, value, offset } of records) {
      const key = bytes!.toString()
      const next = key === positionKey(aggregate) ? this.#codec.decodePosition(value!).next : null
      if (next === null && isControlKey(key)) continue
      const state = next !== null || value === null ? null : inWords(this.#codec.decodeState(topic, value))
      held.records.push({ offset, key, value, state, next })
      if (next !== null) this.#onPosition(topic, held, next, partition)
      else {
        held.touched.add(key)
        if (state !== null) held.states.set(key, state)
        else {
          require(held.states.delete(key), () => `${topic}/${partition}: ${key} is deleted and was not there`)
          this.#tally.sessionGone++
        }
      }
    }
  }

  /** Looks again at what was written since the last position, and at whose events came since: all else is as it was. */
  #onPosition(topic: StateTopicId, held: Held, next: StatePosition['next'], partition: number): void {
    for (const from of eventTopicIds)
      require((next[from] ?? 0) >= (held.next[from] ?? 0), () => `the position of ${topic} in ${from}/${partition} goes back`)
    const places = new Set(held.touched)
    const expected = new Map<string, string>()
    for (const learner of this.#between(partition, held.next, next)) {
      const said = statesOf(topic, learner, this.#below(partition, learner, next))
      for (const key of [...(held.expected.get(learner)?.keys() ?? []), ...said.keys()]) places.add(key)
      held.expected.set(learner, said)
    }
    for (const learner of new Set(Array.from(places, learnerOf)))
      for (const [key, state] of held.expected.get(learner) ?? []) expected.set(key, state)
    for (const key of places)
      require(held.states.get(key) === expected.get(key), () =>
        `${topic}/${partition} at ${JSON.stringify(next)}: ${key} is ${held.states.get(key)}\nthe events say ${expected.get(key)}`)
    held.touched.clear()
    held.next = next
  }

  /** Whose events there are from here to there. */
  #between(partition: number, from: StatePosition['next'], to: StatePosition['next']): ReadonlySet<string> {
    const learners = new Set<string>()
    for (const topic of eventTopicIds)
      for (const { offset, learner } of this.#seen(partition, topic))
        if (offset >= (from[topic] ?? 0) && offset < (to[topic] ?? 0)) learners.add(learner)
    return learners
  }

  #below(partition: number, learner: string, next: StatePosition['next']): Event[] {
    return eventTopicIds.flatMap(topic =>
      this.#seen(partition, topic).flatMap(seen => (seen.learner === learner && seen.offset < (next[topic] ?? 0) ? [seen.event] : [])),
    )
  }

  #seen(partition: number, topic: EventTopicId): readonly Seen[] {
    const known = this.#events[partition]!.get(topic)!
    const made = this.#made.events(topic, partition)
    for (let n = known.length; n < made.length; n++) {
      const { offset, value } = made[n]!
      const event = this.#codec.decodeEvent(topic, value)
      known.push({ offset, learner: learnerKey(event.section, event.host, event.learner), event })
    }
    return known
  }

  #onChangelog(records: readonly LogRecord[], partition: number): void {
    const logged = this.#logged[partition]!
    for (const { key, value } of records) {
      const name = key!.toString('latin1')
      logged.set(name, (logged.get(name) ?? new Set()).add(value === null ? null : value.toString('latin1')))
    }
  }
}

/** The first three parts of a state's key. */
export const learnerOf = (key: string) => key.split('|', 3).join('|')

/** The same for the same, in whatever order its parts were put. */
function inWords(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}
