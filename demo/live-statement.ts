import { makeRandom } from './random.js'
import { makeCourse } from './sample-course.js'
import { partAttempt } from './sample-statements.js'

export interface LiveMoment {
  /** ms since 1970: when the learner answers. */
  readonly at: number
  /** What the learner writes. */
  readonly input: string
  readonly learner?: number
  readonly section?: number
  readonly host?: string
}

/** The statement of a learner who answers a question just now: a part attempt as Torus sends it. */
export function liveStatement({ at, input, learner = 4_200, section = 145, host = 'proton.example.org' }: LiveMoment): Buffer {
  const random = makeRandom(at)
  const course = makeCourse(makeRandom(1))
  const page = course.pages[0]!
  const activity = page.activities[0]!
  const part = activity.parts[0]!
  const place = {
    host,
    learner,
    section,
    project: course.project,
    page: page.id,
    pageAttempt: random.guid(),
    pageAttemptNumber: 1,
    at: new Date(at).toISOString(),
  }
  const answer = { ...part.answers[0]!, response: JSON.stringify({ files: [], input }), right: true }
  const ids = {
    activityGuid: random.guid(),
    activityNumber: 1,
    partGuid: random.guid(),
    partNumber: 1,
    hints: '[]',
    session: random.guid(),
  }
  return Buffer.from(partAttempt(place, activity, part, answer, ids).line)
}
