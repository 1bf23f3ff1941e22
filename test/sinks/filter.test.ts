import { type DatasetSpec, parseDatasetSpec } from '../../schemas/dataset-spec.js'
import type { Event } from '../../schemas/event.js'
import type { EventFormat } from '../../sinks/format.js'
import { attemptEvaluated } from '../../sinks/formats/attempt-evaluated.js'
import { pageViewed } from '../../sinks/formats/page-viewed.js'
import { video } from '../../sinks/formats/video.js'
import { fields } from './fields.js'

const formats = { attempt_evaluated: attemptEvaluated, page_viewed: pageViewed, video }
const at = Date.UTC(2024, 8, 2, 18, 24) * 1000

function rendered(format: EventFormat, more: object, event: object): { readonly accepts: boolean; readonly excludedBy: readonly string[] } {
  const parsed = parseDatasetSpec({ id: 'd', kind: format.kind, ...more }, { fields })
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  const spec: DatasetSpec = parsed.spec
  const whole = {
    kind: 'part_attempt',
    section: '2400',
    host: 'torus.example.edu',
    learner: '42',
    at,
    project: '7',
    page: '1001',
    ...event,
  }
  const renderer = format.render(spec, () => 'p')
  return { accepts: renderer.accepts(whole as unknown as Event), excludedBy: renderer.excludedBy(whole as unknown as Event) }
}

/** What is left out has a reason, and nothing else has one. */
function accepts(format: EventFormat, more: object, event: object): boolean {
  const found = rendered(format, more, event)
  expect(found.excludedBy.length === 0).toBe(found.accepts)
  return found.accepts
}
const accepted = (more: object, event: object = {}) => accepts(attemptEvaluated, more, event)

it('selects all where nothing is asked', () => {
  expect(accepted({})).toBe(true)
  expect(accepted({}, { section: '', host: '', project: null, page: null })).toBe(true)
})

it.each<[string, object, object, boolean]>([
  ['a section', { section_ids: [2400] }, {}, true],
  ['a section as text', { section_ids: ['2400'] }, {}, true],
  ['another section', { section_ids: [240, 2401] }, {}, false],
  ['a host, however it is written', { host: 'https://Torus.Example.edu/' }, {}, true],
  ['another host', { host: 'example.edu' }, {}, false],
  ['a page', { page_ids: [5, 1001] }, {}, true],
  ['another page', { page_ids: [5] }, {}, false],
  ['a page, of an event without one', { page_ids: [5] }, { page: null }, false],
  ['the right project', { enforce_project_id: 7 }, {}, true],
  ['another project', { enforce_project_id: '8' }, {}, false],
  ['a project, of an event without one', { enforce_project_id: 7 }, { project: null }, false],
  ['an ignored learner', { ignored_student_ids: [42] }, {}, false],
  ['an ignored learner by text', { ignored_student_ids: ['me@example.org'] }, { learner: 'me@example.org' }, false],
  ['other ignored learners', { ignored_student_ids: [4, 2, 420] }, {}, true],
  ['from that very microsecond', { from: '2024-09-02T18:24:00Z' }, {}, true],
  ['from one later', { from: '2024-09-02T18:24:00.000001Z' }, {}, false],
  ['to that very microsecond', { to: '2024-09-02T18:24:00Z' }, {}, false],
  ['to one later', { to: '2024-09-02T18:24:00.000001Z' }, {}, true],
  ['a day', { from: '2024-09-02', to: '2024-09-03' }, {}, true],
  ['the day before', { from: '2024-09-01', to: '2024-09-02' }, {}, false],
  ['all of it', { section_ids: [2400], host: 'torus.example.edu', page_ids: [1001], enforce_project_id: 7, from: '2024-09-02' }, {}, true],
])('asked for %s', (_, more, event, expected) => {
  expect(accepted(more, event)).toBe(expected)
})

const kinds = [
  ['attempt_evaluated', 'part_attempt', 'part_attempt_evaluated'],
  ['attempt_evaluated', 'part_attempt', 'part_attempt_evaluted'],
  ['attempt_evaluated', 'activity_attempt', 'activity_attempt_evaluated'],
  ['attempt_evaluated', 'page_attempt', 'page_attempt_evaluted'],
  ['video', 'video_played', 'played'],
  ['video', 'video_paused', 'paused'],
  ['video', 'video_seeked', 'seeked'],
  ['video', 'video_completed', 'completed'],
] as const

it.each(kinds)('%s selects %s by the word %s, and only that', (dataset, kind, word) => {
  for (const [, other] of kinds) expect(accepts(formats[dataset], { sub_types: [word] }, { kind: other })).toBe(other === kind)
})

it('takes only the kinds of events that it prints', () => {
  for (const [dataset, kind] of kinds)
    for (const [name, format] of Object.entries(formats)) expect(accepts(format, {}, { kind })).toBe(name === dataset)
  expect(accepts(pageViewed, { sub_types: ['anything'] }, { kind: 'page_viewed' })).toBe(true)
  for (const format of Object.values(formats))
    for (const kind of ['tutor_message', 'experiment_attribution', 'other']) expect(accepts(format, {}, { kind })).toBe(false)
})

it('names every filter that leaves an event out, with what it has and what is asked for', () => {
  const all = {
    section_ids: [1, 2],
    host: 'one.oli.test',
    page_ids: [5],
    sub_types: ['page_attempt_evaluated'],
    ignored_student_ids: [42],
    enforce_project_id: 8,
    from: '2024-09-03',
    to: '2024-10-01',
  }
  expect(rendered(attemptEvaluated, all, {}).excludedBy).toEqual([
    'sub_types: part_attempt_evaluated is not one of page_attempt_evaluated',
    'section_ids: 2400 is not one of 1, 2',
    'host: torus.example.edu is not one.oli.test',
    'ignored_student_ids: 42 is one of them',
    'from: 2024-09-02T18:24:00Z is before 2024-09-03T00:00:00Z',
    'page_ids: 1001 is not one of 5',
    'enforce_project_id: 7 is not 8',
  ])
  expect(rendered(attemptEvaluated, { to: '2024-09-02' }, {}).excludedBy).toEqual([
    'to: 2024-09-02T18:24:00Z is not before 2024-09-02T00:00:00Z',
  ])
  expect(rendered(attemptEvaluated, { page_ids: [5], enforce_project_id: 8 }, { page: null, project: null }).excludedBy).toEqual([
    'page_ids: no page is not one of 5',
    'enforce_project_id: no project is not 8',
  ])
  expect(rendered(video, { section_ids: [1] }, {}).excludedBy).toEqual(['video has no rows of part_attempt'])
})
