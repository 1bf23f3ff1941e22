import { parseObject } from './json-value.js'
import { type EventTopicId, eventTopicIds } from './topics.js'

/**
 * Control records of the state topics. Learner keys have two bars and session keys three, these have one: no key can be taken for another.
 *
 * `position|<aggregate>` is the last record of every transaction: whoever has read a partition past it has every event below
 * these offsets in the states. `marker|<run>` is a marker of a backfill run, passed on when it was read in every topic.
 */
export const positionPrefix = 'position|'
export const markerPrefix = 'marker|'

export interface StatePosition {
  /** Next offset per event topic. */
  readonly next: Readonly<Partial<Record<EventTopicId, number>>>
}

export const positionKey = (aggregate: string) => `${positionPrefix}${aggregate}`
/** Runs are named by whoever writes to `xapi`: a bar in a name must not make a learner key of it. */
export const markerKey = (run: string) => `${markerPrefix}${run.replace(/[%|]/g, c => (c === '%' ? '%25' : '%7C'))}`

/** Neither a learner's state nor a session's. */
export const isControlKey = (key: string) => {
  const bar = key.indexOf('|')
  return bar >= 0 && !key.includes('|', bar + 1)
}

export function encodeStatePosition({ next }: StatePosition): Buffer {
  return Buffer.from(JSON.stringify({ next }))
}

export function parseStatePosition(value: Buffer): StatePosition {
  const next = parseObject(value.toString('utf8'))?.next
  if (typeof next !== 'object' || next === null) throw new RangeError('decoding the position of a state topic: no offsets')
  const known = eventTopicIds.flatMap(topic => {
    const offset = (next as Readonly<Record<string, unknown>>)[topic]
    return typeof offset === 'number' ? [[topic, offset] as const] : []
  })
  return { next: Object.fromEntries(known) }
}
