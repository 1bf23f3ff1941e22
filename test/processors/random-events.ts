import { type Event, type Kind, kinds } from '../../schemas/event.js'
import type { Random } from '../schemas/random.js'

const minute = 60_000_000
/** So near to midnight that many sessions go over it. */
const begin = Date.UTC(2025, 0, 12, 22) * 1000

const scores = [0, 1, 1, 2, 0.1, 0.2, 1 / 3, 1e9, -1e9, 2e9, 1e308, null]
const numbers = [
  '0',
  '0.0004',
  '1',
  '12.3',
  '20',
  '30',
  '59.9995',
  '60',
  '61',
  '1e2',
  '1e400',
  '-5',
  '86400',
  '100000',
  '',
  ' 7 ',
  'NaN',
  'x',
]
const lengths = [60.5, 60, null, null, 0, -1, '60', 'long', 1e9, 0.0001]

export interface Told {
  readonly learners: number
  readonly guids: number
  readonly sources: number
  readonly minutes: number
}

/** Few of everything, so that things meet: attempts evaluated again, sessions that touch, ids that come back days later. */
export function randomEvents(random: Random, count: number, told: Told): Event[] {
  return Array.from({ length: count }, (_, n) => randomEvent(random, n, told))
}

function randomEvent(random: Random, n: number, { learners, guids, sources, minutes }: Told): Event {
  const kind: Kind = random.below(3) === 0 ? 'part_attempt' : random.pick(kinds)
  // Whole minutes: gaps of exactly half an hour are frequent.
  const at = begin + random.below(minutes) * random.pick([minute, minute, 30 * minute, 31 * minute]) + (random.below(8) === 0 ? 1 : 0)
  const bytes = Array.from({ length: 16 }, (_, i) => (i === 0 ? n & 255 : i === 1 ? n >> 8 : random.below(256)))
  const id = Buffer.from(bytes).toString('hex')
  const maybe = <T>(value: T) => (random.below(6) === 0 ? null : value)
  const base = {
    id,
    profile: 'torus' as const,
    section: '59',
    host: 'h|%',
    learner: String(random.below(learners)),
    verb: 'v',
    object: `object-${random.below(3)}`,
    at,
  }
  const course = {
    project: '1',
    publication: '2',
    enrollment: null,
    page: maybe(`page-${random.below(5)}`),
    pageAttemptGuid: null,
    pageAttemptNumber: null,
  }
  const session =
    random.below(3) === 0 ? random.pick(['', `source-${random.below(sources)}`, `${'long'.repeat(70)}${random.below(sources)}`]) : null
  const activity = { activity: '3', activityRevision: '4', activityAttemptGuid: 'a', activityAttemptNumber: 1 }
  switch (kind) {
    case 'part_attempt':
    case 'activity_attempt':
    case 'page_attempt':
      return {
        ...base,
        ...course,
        kind,
        ...activity,
        partId: '1',
        partAttemptGuid: random.pick([
          null,
          '',
          `guid-${random.below(guids)}`,
          `guid-${random.below(guids)}`,
          `guid-${random.below(guids)}`,
        ]),
        partAttemptNumber: 1,
        objectives: null,
        hints: random.pick([null, '[]', '[ ]', '["h1"]', '["h1", ["h]2"], {"a,":3}]']),
        session,
        score: random.pick(scores),
        outOf: random.pick(scores),
        response: null,
        feedback: null,
      }
    case 'page_viewed':
      return { ...base, ...course, kind, pageSubType: null }
    case 'video_played':
    case 'video_paused':
    case 'video_seeked':
    case 'video_completed':
      return {
        ...base,
        ...course,
        kind,
        contentElement: 'c',
        title: null,
        session,
        length: random.pick(lengths),
        time: 1,
        timeFrom: null,
        timeTo: null,
        playedSegments: random.pick([null, 12, randomSegments(random)]),
        progress: null,
      }
    case 'tutor_message':
      return {
        ...base,
        ...course,
        kind,
        ...activity,
        message: '',
      }
    default:
      return { ...base, kind, json: '{}', parent: null }
  }
}

function randomSegments(random: Random): string {
  const segment = () => {
    const marks = random.below(12) === 0 ? random.below(4) : 2
    return Array.from({ length: marks }, () => random.pick(numbers)).join('[.]')
  }
  return Array.from({ length: random.below(4) }, segment).join('[,]')
}
