import type { Memory } from '../aggregate.js'
import { cover, dropMoments, momentsAt, spansOf } from './moments.js'
import type { Span } from './played-segments.js'

/** Milliseconds of the video that had not been watched before, under this prefix of keys: by the learner, or in a session. */
export function watch(memory: Memory, learner: string, prefix: string, video: string, spans: readonly Span[]): number {
  const key = videoKey(prefix, video)
  let root = momentsAt(memory, learner, key)
  let added = 0
  for (const span of spans) {
    const covered = cover(memory, learner, key, root, span)
    root = covered.root
    added += covered.added
  }
  if (added > 0) memory.put(learner, key, root)
  return added
}

/** What was watched of a video under a prefix that is given up. */
export function takeWatched(memory: Memory, learner: string, prefix: string, video: string): Span[] {
  const key = videoKey(prefix, video)
  const root = momentsAt(memory, learner, key)
  const spans = spansOf(memory, learner, key, root)
  dropMoments(memory, learner, key, root)
  memory.delete(learner, key)
  return spans
}

const videoKey = (prefix: string, video: string) => `${prefix}video|${video}|`
