import { type EventTopicId, eventTopicIds } from './topics.js'

/**
 * Control records of Avro topics have schemas of their own, each under one subject for all topics: markers in `events.*` and `state.*`,
 * positions in `state.*`. By file in `schemas/avro/`, the full name of the record, which is the subject.
 */
export const controlSchemas = { marker: 'tributary.Marker', 'state-position': 'tributary.StatePosition' } as const
export type ControlSchema = keyof typeof controlSchemas

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

/** Of topics that this release knows. */
export function knownPosition({ next }: { readonly next: Readonly<Record<string, number>> }): StatePosition {
  return { next: Object.fromEntries(eventTopicIds.flatMap(topic => (topic in next ? [[topic, next[topic]!]] : []))) }
}
