import { eventId } from '../../../processors/route/event-id.js'
import { parseDatasetSpec } from '../../../schemas/dataset-spec.js'
import {
  type AttemptEvent,
  type Event,
  type EventBase,
  type Kind,
  kinds,
  type OtherEvent,
  type PageViewedEvent,
  type TutorMessageEvent,
  type VideoEvent,
} from '../../../schemas/event.js'
import { type EventFormat, fieldNames, isSnapshot, type SnapshotFormat, type State } from '../../../sinks/format.js'
import { topology } from '../../../topology.js'
import { drive } from '../drive.js'

/** In the identity of every kind, printed or not. */
const common: readonly (keyof EventBase)[] = ['kind', 'section', 'host', 'learner', 'verb', 'object', 'at']

/** The kinds that are identified by their whole content, whatever is printed of it. */
const whole: readonly Kind[] = ['experiment_condition_assigned', 'experiment_attribution', 'other']

/** What no format prints yet, and DataShop files will: the message, of the courses and pages that a spec selects. */
const toCome: Readonly<Partial<Record<Kind, readonly string[]>>> = { tutor_message: ['message', 'project', 'page'] }

const at = Date.UTC(2025, 0, 15, 12) * 1000
const base = { id: '', profile: 'torus', section: '59', host: 'h', learner: '7', verb: 'v', object: 'o', at } as const
const course = { project: 'p', publication: 'q', enrollment: 'e', page: '26', pageAttemptGuid: 'g', pageAttemptNumber: 1 }
const activity = { activity: '3', activityRevision: '4', activityAttemptGuid: 'a', activityAttemptNumber: 1 }
const part = { partId: '1', partAttemptGuid: 't', partAttemptNumber: 1, session: 's', score: 1, outOf: 2 }
const json = { objectives: '[1]', hints: '["h"]', response: '{"a":1}', feedback: '"b"' }
const film = { contentElement: 'c', title: 'T', session: 's', length: 60, time: 1, timeFrom: 2, timeTo: 3 }
// Typed: a field that an event gets has to be here too.
type Own<E> = Omit<E, keyof EventBase>
const attempt: Own<AttemptEvent> = { ...course, ...activity, ...part, ...json }
const pageViewed: Own<PageViewedEvent> = { ...course, pageSubType: 'x' }
const video: Own<VideoEvent> = { ...course, ...film, playedSegments: '0[.]55', progress: 0.5 }
const tutorMessage: Own<TutorMessageEvent> = { ...course, ...activity, message: '<message/>' }
const content: Own<OtherEvent> = { json: '{"a":1}', parent: null }
const own: Readonly<Record<Kind, object>> = {
  part_attempt: attempt,
  activity_attempt: attempt,
  page_attempt: attempt,
  page_viewed: pageViewed,
  video_played: video,
  video_paused: video,
  video_seeked: video,
  video_completed: video,
  tutor_message: tutorMessage,
  experiment_condition_assigned: content,
  experiment_attribution: content,
  other: content,
}

const lists = { objectives: '[2]', hints: '[1,2]', response: '[]', feedback: '1' }
const others: Readonly<Record<string, unknown>> = { ...lists, profile: 'xapi', playedSegments: '0[.]10', length: 20, json: '{"a":2}' }
/** Another value of the same type. */
const another = (field: string, value: unknown) =>
  others[field] ?? (typeof value === 'number' ? value + 1 : value === null ? null : `${String(value)}2`)

/** Pairs of events of a kind that one field differs in: of one with everything in it, and of one with nothing but what all have. */
function variants(kind: Kind, field: string): readonly (readonly Event[])[] {
  const full = { ...base, kind, ...own[kind] } as Event
  const empty = { ...full, ...Object.fromEntries(Object.keys(own[kind]).map(each => [each, null])) } as Event
  const value = another(field, (full as unknown as Record<string, unknown>)[field])
  const pairs = [full, { ...full, [field]: value } as Event]
  // The content of these kinds is never null.
  if (whole.includes(kind)) return [pairs]
  const nulled = field in own[kind] ? [[full, { ...full, [field]: null } as Event]] : []
  return [pairs, ...nulled, [empty, { ...empty, [field]: value } as Event]]
}

const fields = fieldNames(topology.formats)
const specOf = (kind: string, more: object) => {
  const parsed = parseDatasetSpec({ id: 'd', kind, anonymize: 'ids', ...more }, { fields })
  if (!parsed.ok) throw new Error(parsed.problems.join())
  return parsed.spec
}
const identity = (host: string, name: string) => `${host}|${name}`
const rows = (format: EventFormat, more: object) => {
  const renderer = format.render(specOf(format.kind, more), identity)
  return (event: Event) => (renderer.accepts(event) ? renderer.row(event) : 'not selected')
}
const stateRows = (format: SnapshotFormat) => {
  const renderer = format.render(specOf(format.kind, {}), identity)
  return (state: unknown) => renderer.row(state as State)
}
const ofEvents = topology.formats.flatMap(format => (isSnapshot(format) ? [] : [format]))
const ofStates = topology.formats.flatMap(format => (isSnapshot(format) ? [format] : []))
const eventPrinters = ofEvents.flatMap(format =>
  [{ dialect: 'torus' }, { dialect: 'plain' }, { page_ids: [26] }, { enforce_project_id: 'p' }].map(more => rows(format, more)),
)

/** Two hours earlier the learner did something in source session `s`. */
const companion = {
  ...base,
  kind: 'part_attempt',
  ...attempt,
  id: '01'.repeat(16),
  at: at - 7_200_000_000,
  partAttemptGuid: 'u',
} as Event

function printed(event: Event): string {
  const states = topology.aggregates.map(aggregate => drive(aggregate, [[companion, event]]).states)
  const inStates = ofStates.map(format => states.map(each => Object.values(each[format.table] ?? {}).map(stateRows(format))))
  return JSON.stringify([eventPrinters.map(print => print(event)), inStates])
}

/** Fields of which some change changes what `see` makes of the event. */
function seenBy(kind: Kind, see: (event: Event) => string): string[] {
  const changes = (field: string) => variants(kind, field).some(([one, two]) => see(one!) !== see(two!))
  return ['profile', ...Object.keys(own[kind])].filter(changes).sort()
}

test.each(kinds)('%s: what is printed of an event is its identity, and nothing else', kind => {
  const id = (event: Event) => eventId(event, null)
  const full = { ...base, kind, ...own[kind] } as Event
  for (const field of common.filter(each => each !== 'kind'))
    expect(id({ ...full, [field]: another(field, full[field]) } as Event)).not.toBe(id(full))
  const expected = whole.includes(kind) ? ['json'] : [...new Set([...seenBy(kind, printed), ...(toCome[kind] ?? [])])].sort()
  expect({ kind, identity: seenBy(kind, id) }).toEqual({ kind, identity: expected })
})
