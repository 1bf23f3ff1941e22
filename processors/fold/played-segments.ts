import type { Scalar } from '../../schemas/event.js'

/** Moments of a video, from (included) to (not included), in ms. */
export type Span = readonly [from: number, to: number]

/** Nobody watches a longer video; of those that do not say how long they are. */
export const longestMs = 24 * 3600 * 1000
const mostSegments = 1000
const decimal = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/

/**
 * `0[.]12.3[,]20[.]30` → what was played. Browsers send it: whatever does not read as two numbers, the second greater, is left out, and
 * what lies outside of the video is cut off.
 */
export function playedSpans(segments: Scalar, length: Scalar): readonly Span[] {
  if (typeof segments !== 'string') return []
  const end = endOf(length)
  const spans: Span[] = []
  let at = 0
  for (let n = 0; n < mostSegments && at <= segments.length; n++) {
    const comma = segments.indexOf('[,]', at)
    const stop = comma < 0 ? segments.length : comma
    const segment = segments.slice(at, stop)
    const dot = segment.indexOf('[.]')
    if (dot >= 0) {
      const from = Math.max(0, milliseconds(segment.slice(0, dot)))
      const to = Math.min(end, milliseconds(segment.slice(dot + 3)))
      if (from < to) spans.push([from, to])
    }
    at = stop + 3
  }
  return spans
}

function endOf(length: Scalar): number {
  const ms = typeof length === 'number' ? Math.round(length * 1000) : length === null ? Number.NaN : milliseconds(length)
  return ms > 0 ? Math.min(ms, longestMs) : longestMs
}

/** NaN, unless it is a number: every comparison with NaN is false. */
function milliseconds(text: string): number {
  const trimmed = text.trim()
  return decimal.test(trimmed) ? Math.round(Number(trimmed) * 1000) : Number.NaN
}
