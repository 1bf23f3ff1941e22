import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { type Event, kinds } from '../../../schemas/event.js'
import { idRules } from '../../../schemas/route-seen.js'
import { eventTopicIds, topicOfKind } from '../../../schemas/topics.js'
import { accepted, expectedIds, shapes, statements } from './statements.js'

const idsByRules: Readonly<Record<number, string>> = { 2: '1310f8f61f3ff3dc' }

// Ids are frozen: they are in every topic and store. A change here breaks the promise that a repeat is known as one, unless the rules have
// a new number, by which route knows the logs of the old ones.
test('ids change with the number of their rules, and only so', () => {
  const sha256 = createHash('sha256').update(JSON.stringify(expectedIds)).digest('hex')
  expect({ [idRules]: sha256.slice(0, 16) }).toEqual(idsByRules)
})

test.each(Object.keys(statements))('%s has the id it always had', name => {
  const { key, event, derived } = accepted(statements[name]!)
  expect({ kind: event.kind, key, id: event.id, derived: derived.map(each => each.id) }).toEqual(expectedIds[name])
})

const folder = new URL('../../golden/route/events/', import.meta.url)
const all = { ...statements, ...shapes }
const written = (event: Event) => ({ topic: topicOfKind[event.kind], ...event })

/** The event of a golden statement with its topic and key, and what is derived from it, as JSON. */
function told(text: string) {
  const { key, event, derived } = accepted(text)
  return JSON.parse(JSON.stringify({ key, event: written(event), derived: derived.map(written) }))
}

test.each(Object.keys(all))('%s is the event that it always was', name => {
  expect(told(all[name]!)).toEqual(JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')))
})

test('every shape has its event, and every event its shape', () => {
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(all)
      .map(name => `${name}.json`)
      .sort(),
  )
})

test('a statement that is sent again with more than before is the same fact', () => {
  const idOf = (name: string) => accepted(all[name]!).event.id
  expect(idOf('page_sent_again_for_its_reward')).toEqual(idOf('page_as_sent'))
  expect(idOf('page_viewed_with_newer_keys')).toEqual(idOf('page_viewed_as_sent'))
})

test('every kind is there', () => {
  const seen = new Set(
    Object.values(statements).flatMap(text => [accepted(text).event.kind, ...accepted(text).derived.map(each => each.kind)]),
  )
  expect([...seen].sort()).toEqual([...kinds].sort())
  expect(eventTopicIds).toHaveLength(5)
})

test('a part attempt in all its fields', () => {
  const { id, ...event } = accepted(statements.part_attempt!).event
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  expect(event).toEqual({
    kind: 'part_attempt',
    profile: 'torus',
    section: '59',
    host: 'proton.oli.test',
    learner: '7',
    verb: 'http://adlnet.gov/expapi/verbs/completed',
    object: 'p/ta-1}',
    at: Date.UTC(2025, 1, 3, 4, 5, 6) * 1000,
    project: '31',
    publication: '41',
    enrollment: null,
    page: '26',
    pageAttemptGuid: 'pa-1',
    pageAttemptNumber: 1,
    activity: '53',
    activityRevision: '58',
    activityAttemptGuid: 'aa-1',
    activityAttemptNumber: 2,
    partId: '1',
    partAttemptGuid: 'ta-1',
    partAttemptNumber: 3,
    objectives: '[ 9, 79 ]',
    hints: '["h1"]',
    session: 'se-1',
    score: 0.5,
    outOf: 1,
    response: '{"files":[],"input":"a b","big":9007199254740993,"one":1.0}',
    feedback: '{"id":"1", "content":"n\\u00e9"}',
  })
})

test('a video of another platform', () => {
  expect(accepted(statements.xapi_video!).event).toMatchObject({
    profile: 'xapi',
    section: 'course-1',
    host: 'lms.test',
    learner: 'ann',
    at: Date.UTC(2025, 1, 3, 3, 5, 6) * 1000 + 123456,
    title: 'Un',
    session: 's',
    length: 10,
    time: 1.5,
    page: null,
  })
})

test('attributions come out as events of their own, as written', () => {
  const { event, derived } = accepted(statements.page_attempt_attributed!)
  expect(derived.map(each => each.json)).toEqual(['{"role":"reward","reward_value":0.50}', '{"role":"exposure"}'])
  for (const each of derived)
    expect(each).toMatchObject({ kind: 'experiment_attribution', at: event.at, learner: '7', section: '59', parent: event.id })
  expect(event.id).toEqual(accepted(statements.page_attempt!).event.id)
})
