import { hash } from 'node:crypto'
import type { Memory } from '../aggregate.js'
import { emptyTally, type Tally, united } from './tally.js'
import { noTexts, type TextSet, takeMembers, withMember } from './text-set.js'
import { takeWatched, watch } from './videos.js'

/** What is remembered of one session; what is under its prefix goes with it. */
export type SessionRow = {
  readonly tally: Tally
  readonly pages: TextSet
  readonly videos: TextSet
  /** Source session ids: how many, and of these the first in order, so many as are listed. What is listed hangs on nothing but the ids. */
  readonly sourceCount: number
  readonly sources: readonly string[]
}

export const sessionPrefix = (session: number) => `session|${session}|`

const mostListed = 50
const longestListed = 255

export function emptySession(at: number): SessionRow {
  return { tally: emptyTally(at), pages: noTexts, videos: noTexts, sourceCount: 0, sources: [] }
}

/** In order, and no more than are listed; a long id by its hash. */
export function withSource(sources: readonly string[], id: string): readonly string[] {
  return listed([...sources, id.length > longestListed ? hash('sha256', id, 'hex') : id])
}

/** Two sessions are one: `row` takes in what the other had, whose prefix is given up. */
export function joined(
  memory: Memory,
  learner: string,
  row: SessionRow,
  prefix: string,
  other: SessionRow,
  otherPrefix: string,
): SessionRow {
  let { pages, videos } = row
  let added = 0
  let watchedMs = 0
  for (const page of takeMembers(memory, learner, `${otherPrefix}pages|`, other.pages)) {
    const more = withMember(memory, learner, `${prefix}pages|`, pages, page)
    if (more === null) continue
    pages = more
    added++
  }
  for (const video of takeMembers(memory, learner, `${otherPrefix}videos|`, other.videos)) {
    videos = withMember(memory, learner, `${prefix}videos|`, videos, video) ?? videos
    watchedMs += watch(memory, learner, prefix, video, takeWatched(memory, learner, otherPrefix, video))
  }
  return {
    tally: united(row.tally, other.tally, added, watchedMs),
    pages,
    videos,
    sourceCount: row.sourceCount + other.sourceCount,
    sources: listed([...row.sources, ...other.sources]),
  }
}

const listed = (ids: readonly string[]) => [...ids].sort().slice(0, mostListed)
