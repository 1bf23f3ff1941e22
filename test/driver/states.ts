import type { Aggregate } from '../../processors/aggregate.js'
import { readStatus } from '../../runtime/read-status.js'
import { openCodec } from '../../runtime/registry/codec.js'
import { isControlKey } from '../../schemas/state-records.js'
import { eventTopicIds } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
import type { States } from '../processors/drive.js'
import { expectedStates as statesOfEvents } from '../processors/expected-states.js'
import { recordsOf } from './results.js'
import { until } from './until.js'
import type { World } from './world.js'

/** What the state topics hold, once the aggregates have everything that route has made of all that is in `xapi` now. */
export async function statesOf(world: World, aggregates: readonly Aggregate[] = topology.aggregates): Promise<States> {
  await until(world, 'the states have every event', 30, async () => {
    const { routeLag, aggregateLag } = (await readStatus(world.services, { ...topology, aggregates })).totals
    return routeLag === 0 && aggregateLag === 0 ? true : null
  })
  const codec = await openCodec(world.services.registry, world.services.naming)
  const states: Record<string, Record<string, unknown>> = {}
  for (const topic of aggregates.flatMap(aggregate => aggregate.to)) {
    const found = new Map<string, unknown>()
    for (const { key, value } of await recordsOf(world, topic)) {
      const text = key!.toString()
      if (isControlKey(text)) continue
      await codec.learn(topic, [value])
      if (value === null) found.delete(text)
      else found.set(text, plain(codec.decodeState(topic, value)))
    }
    states[topic] = inOrder(found)
  }
  return states as States
}

/** The same by a fold of its own over the events that route has made. */
export async function expectedStates(world: World): Promise<States> {
  const codec = await openCodec(world.services.registry, world.services.naming)
  const events = []
  for (const topic of eventTopicIds)
    for (const { value, headers } of await recordsOf(world, topic)) {
      if (value === null || headers.some(([name]) => name === 'marker')) continue
      await codec.learn(topic, [value])
      events.push(codec.decodeEvent(topic, value))
    }
  return statesOfEvents(events)
}

/** Without avsc's own prototypes. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const inOrder = (found: ReadonlyMap<string, unknown>) => Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
