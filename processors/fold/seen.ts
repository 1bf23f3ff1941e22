import type { Event, VideoEvent } from '../../schemas/event.js'
import { playedSpans, type Span } from './played-segments.js'
import { memberOf } from './text-set.js'

/** The page that an event is a view of, as a member of a set; null = it is none. A page without an id is known by the object. */
export function pageSeen(event: Event): string | null {
  if (event.kind !== 'page_viewed') return null
  return event.page === null ? memberOf(`object:${event.object}`) : memberOf(event.page)
}

/** The video that an event tells played moments of, as a member of a set, and these. */
export function videoPlayed(event: Event): { readonly member: string; readonly spans: readonly Span[] } | null {
  if (!event.kind.startsWith('video_')) return null
  const { playedSegments, length, object } = event as VideoEvent
  const spans = playedSpans(playedSegments, length)
  return spans.length === 0 ? null : { member: memberOf(object), spans }
}
