import type { Random } from './random.js'
import type { Course, Page } from './sample-course.js'
import {
  type AttemptIds,
  activityAttempt,
  conditionAssigned,
  type Place,
  pageAttempt,
  pageViewed,
  partAttempt,
  type Sample,
  tutorMessage,
  unknownStatement,
  videoStatement,
} from './sample-statements.js'

/** A learner who opens one page and works through it. */
export interface Visit {
  readonly host: string
  readonly learner: number
  readonly section: number
  /** ms since 1970 */
  readonly at: number
  /** Counts visits: what has to differ between statements hangs on it. */
  readonly number: number
}

/** Statements in the order in which they happened. */
export function visitStatements(course: Course, visit: Visit, random: Random): readonly Sample[] {
  const page = random.pick(course.pages)
  const samples: Sample[] = []
  let now = visit.at
  const base = {
    host: visit.host,
    learner: visit.learner,
    section: visit.section,
    project: course.project,
    page: page.id,
    pageAttempt: random.guid(),
    pageAttemptNumber: random.int(1, 3),
  }
  /** Attempts have whole seconds, everything else microseconds. */
  const place = (exact: boolean): Place => {
    now += random.int(800, 60_000)
    const iso = new Date(now).toISOString()
    return { ...base, at: exact ? `${iso.slice(0, -1)}${String(random.int(0, 999)).padStart(3, '0')}Z` : `${iso.slice(0, 19)}Z` }
  }

  if (visit.number % 40 === 7) samples.push(conditionAssigned(place(true), 70_000 + visit.number))
  if (visit.number % 50 === 11) samples.push(unknownStatement(place(true)))
  samples.push(pageViewed(place(true), page.subType))
  if (page.video !== null) watch(page.video, place, random, samples)
  work(page, place, random, samples)
  return samples
}

function watch(video: NonNullable<Page['video']>, place: (exact: boolean) => Place, random: Random, samples: Sample[]): void {
  const at = (share: number) => Math.round(video.length * share * 1000) / 1000
  const [first, second] = [at(0.1 + 0.3 * random.next()), at(0.5 + 0.4 * random.next())]
  samples.push(videoStatement('video_played', place(true), video, 0, 0), videoStatement('video_paused', place(true), video, 0, first))
  if (random.chance(0.5)) samples.push(videoStatement('video_seeked', place(true), video, first, second))
  if (random.chance(0.3)) samples.push(videoStatement('video_completed', place(true), video, second, video.length))
}

function work(page: Page, place: (exact: boolean) => Place, random: Random, samples: Sample[]): void {
  const session = random.guid()
  let earned = 0
  let possible = 0
  for (const activity of page.activities) {
    const activityGuid = random.guid()
    let raw = 0
    let ids: AttemptIds | null = null
    for (const part of activity.parts) {
      const answer = random.pick(part.answers)
      ids = {
        activityGuid,
        activityNumber: random.int(1, 3),
        partGuid: random.guid(),
        partNumber: 1,
        hints: random.pick(part.hints),
        session,
      }
      samples.push(partAttempt(place(false), activity, part, answer, ids))
      raw += answer.right ? 1 : 0
    }
    if (ids === null) continue
    if (random.chance(0.08)) samples.push(tutorMessage(place(true), activity, ids))
    samples.push(activityAttempt(place(false), activity, ids, raw))
    earned += raw
    possible += activity.parts.length
  }
  samples.push(pageAttempt(place(false), earned, possible))
}
