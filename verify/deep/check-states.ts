import type { Event } from '../../schemas/event.js'
import { headers as names } from '../../schemas/headers.js'
import { type EventTopicId, eventTopicIds, type StateTopicId, topicName } from '../../schemas/topics.js'
import { type OwnStates, ownStates, type Sight, sightOf } from './own-states.js'
import type { Check } from './partition-view.js'
import { logEnds, readLog } from './read-log.js'

type Next = Readonly<Partial<Record<EventTopicId, number>>>

/** What a state topic holds, and up to which events it says so itself. */
interface Told {
  readonly states: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly next: Next
}

/**
 * The states of one partition against a fold of its own over the events below the position that they name. About 200 bytes an event of the
 * partition, and more for long names.
 */
export async function checkStates(check: Check, partition: number): Promise<void> {
  const learners = await toldOf(check, 'state.learners', partition)
  const sessions = await toldOf(check, 'state.sessions', partition)
  // Read one after the other: one may be ahead.
  const apart = JSON.stringify(learners.next) !== JSON.stringify(sessions.next)
  const own = await ownOf(check, partition, learners.next)
  compare(check, `state.learners/${partition}`, learners.states, new Map(own.map(([key, { learner }]) => [key, named(key, learner)])))
  const others = apart ? await ownOf(check, partition, sessions.next) : own
  const each = others.flatMap(([key, states]) => Array.from(states.sessions, ([name, session]) => [name, named(key, session)] as const))
  compare(check, `state.sessions/${partition}`, sessions.states, new Map(each))
}

async function toldOf({ target, avro }: Check, id: StateTopicId, partition: number): Promise<Told> {
  const topic = topicName(id, target.naming)
  const { low, stable } = await logEnds(target.wire, topic, partition)
  const states = new Map<string, Readonly<Record<string, unknown>>>()
  let next: Next = {}
  for await (const { key, value } of readLog(target.wire, topic, partition, low, stable)) {
    const name = key?.toString() ?? ''
    if (name.split('|').length === 2) {
      if (name.startsWith('position|') && value !== null) next = ((await avro.read(value)) as { next: Next }).next
    } else if (value === null) states.delete(name)
    else states.set(name, (await avro.read(value)) as Readonly<Record<string, unknown>>)
  }
  return { states, next }
}

async function ownOf(
  { target, avro, findings }: Check,
  partition: number,
  next: Next,
): Promise<(readonly [key: string, states: OwnStates])[]> {
  const sights = new Map<string, Map<string, Sight>>()
  for (const id of eventTopicIds) {
    const topic = topicName(id, target.naming)
    const { low, stable } = await logEnds(target.wire, topic, partition)
    const end = next[id] ?? 0
    if (end > stable) findings.add('state', `${topic}/${partition} ends at ${stable}, below the ${end} that states were made of`)
    for await (const { key, value, headers, offset } of readLog(target.wire, topic, partition, low, Math.min(end, stable))) {
      if (value === null || headers.has(names.marker) || offset >= end) continue
      const learner = key?.toString() ?? ''
      const sight = sightOf((await avro.read(value)) as Event)
      // By id: an event that is there twice is a finding of its own, and counts once.
      sights.set(learner, (sights.get(learner) ?? new Map<string, Sight>()).set(sight.id, sight))
    }
  }
  return Array.from(sights, ([key, each]) => [key, ownStates([...each.values()], key)] as const)
}

function compare(
  { findings, counts }: Check,
  place: string,
  told: Told['states'],
  own: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): void {
  for (const [key, expected] of own) {
    counts.states++
    const found = told.get(key)
    if (found === undefined) findings.add('state', `${place}: ${key} is not there`)
    else
      for (const name of Object.keys(expected)) {
        const [theirs, ours] = [spelt(found[name]), spelt(expected[name])]
        if (theirs !== ours) findings.add('state', `${place}: ${name} of ${key} is ${theirs}, the events say ${ours}`)
      }
  }
  for (const key of told.keys()) if (!own.has(key)) findings.add('state', `${place}: ${key} is there without an event`)
}

function named(key: string, state: object): Readonly<Record<string, unknown>> {
  const [section, host, learner] = key.split('|').map(part => part.replaceAll('%7C', '|').replaceAll('%25', '%'))
  return { section, host, learner, ...state }
}

/** Equal for equal values, whatever the order of names. */
function spelt(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value) ?? 'absent'
  return Object.entries(value)
    .map(([name, each]) => `${name} ${each}`)
    .sort()
    .join(', ')
}
