import type { Event, OtherEvent } from '../../schemas/event.js'
import { type Marker, parseMarker } from '../../schemas/marker.js'
import { partitionOf } from '../../schemas/partition.js'
import type { Refusal } from '../../schemas/refusal.js'
import { eventTopicIds } from '../../schemas/topics.js'
import type { Processor } from '../processor.js'
import { interpret } from './interpret.js'
import { seenKey } from './seen-key.js'

/** An `xapi` record as route sees it: its bytes and those headers that decide anything. */
export interface RouteInput {
  readonly value: Buffer | null
  readonly partition: number
  readonly marker?: string | undefined
  readonly placed?: string | undefined
  readonly assignedId?: string | undefined
}

export interface RouteContext {
  readonly partitions: number
  /** Bytes of the longest statement. */
  readonly maxBytes: number
  /** Whether an event with this key (see `seenKey`) came before, in the store or in the open transaction. */
  seen(key: Buffer): boolean
}

export interface EventOutcome {
  readonly outcome: 'event' | 'duplicate'
  readonly key: string
  readonly event: Event
  /** Those that were not seen before: a repeat may bring new ones. */
  readonly derived: readonly OtherEvent[]
}

/** What becomes of a record: every one has exactly one outcome. */
export type Outcome =
  | { readonly outcome: 'marker'; readonly marker: Marker }
  | { readonly outcome: 'misplaced'; readonly key: string; readonly partition: number }
  | { readonly outcome: 'dead-letter'; readonly refusal: Refusal; readonly host: string | null; readonly section: string | null }
  | EventOutcome

export const route: Processor<RouteInput, RouteContext, Outcome> = {
  name: 'route',
  from: ['xapi'],
  to: [...eventTopicIds, 'route-ledger', 'route-seen', 'dead-letters'],
  step,
}

function step(record: RouteInput, context: RouteContext): Outcome {
  // Compressed, anybody can bring in more than the log lets out again.
  const bytes = record.value?.length ?? 0
  if (bytes > context.maxBytes) {
    const refusal: Refusal = { code: 'too_large', reason: `${bytes} bytes of at most ${context.maxBytes}; only the beginning is kept` }
    return { outcome: 'dead-letter', refusal, host: null, section: null }
  }
  if (record.marker !== undefined) return stepMarker(record)
  const result = interpret(record.value, record)
  if (!result.ok) return { outcome: 'dead-letter', refusal: result.refusal, host: result.host, section: result.section }
  const { key, event } = result
  const partition = partitionOf(Buffer.from(key), context.partitions)
  if (partition !== record.partition) {
    // A record is moved once: if it is wrong again the mover and we disagree, and moving it for ever would help nobody.
    if (record.placed === undefined) return { outcome: 'misplaced', key, partition }
    const reason = `moved from ${placeOf(record.placed)}, belongs in partition ${partition}`
    const refusal: Refusal = { code: 'misplaced_twice', reason }
    return { outcome: 'dead-letter', refusal, host: event.host, section: event.section }
  }
  const derived = result.derived.length === 0 ? result.derived : result.derived.filter(each => !context.seen(seenKey(each)))
  return { outcome: context.seen(seenKey(event)) ? 'duplicate' : 'event', key, event, derived }
}

/** Anybody may write the header: what is no place is not repeated. */
function placeOf(placed: string): string {
  return /^\d{1,9}\/\d{1,16}$/.test(placed) ? placed : 'somewhere'
}

function stepMarker(record: RouteInput): Outcome {
  const marker = parseMarker(record.value)
  if (marker !== undefined && marker.partition === record.partition) return { outcome: 'marker', marker }
  const reason = marker === undefined ? 'the value is no marker' : `a marker for partition ${marker.partition}`
  return { outcome: 'dead-letter', refusal: { code: 'bad_value', reason }, host: null, section: null }
}
