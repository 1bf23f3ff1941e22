import { interpret } from '../../../processors/route/interpret.js'
import { contextNeeds, torus } from './needs.js'
import { accepted, changed, context, oli, statements, verdict, video } from './statements.js'

const attempts = ['part_attempt', 'activity_attempt', 'page_attempt']
const shortOf = (path: readonly string[]) => path.at(-1)!.slice(path.at(-1)!.lastIndexOf('/') + 1)
const shown = (key: string) => `context.extensions ${key === 'resource_id' ? 'page_id' : key}`

test.each(contextNeeds.map(need => [shortOf(need.path), need] as const))('%s', (key, { path, must, nullable, optional, holds }) => {
  const absent = `missing_key: ${shown(key)} is absent`
  const isNull = key === 'resource_id' ? absent : `missing_key: ${shown(key)} is null`
  const verdicts = (name: string) => [undefined, null].map(value => [name, verdict(changed(name, path, value))])
  for (const name of must)
    expect(verdicts(name)).toEqual([
      [name, absent],
      [name, isNull],
    ])
  for (const name of nullable)
    expect(verdicts(name)).toEqual([
      [name, absent],
      [name, 'ok'],
    ])
  for (const name of optional)
    expect(verdicts(name)).toEqual([
      [name, 'ok'],
      [name, 'ok'],
    ])
  for (const name of [...must, ...nullable, ...optional])
    expect(verdict(changed(name, path, { a: 1 }))).toMatch(holds === 'json' ? 'ok' : /^bad_value: context.extensions /)
})

test.each([...torus, 'experiment_condition_assigned', 'other_torus'])('%s: what every statement needs', name => {
  expect(verdict(changed(name, ['actor'], undefined))).toBe('missing_key: actor account, mbox, openid or mbox_sha1sum is absent')
  expect(verdict(changed(name, ['actor', 'account', 'name'], undefined))).toBe('missing_key: actor.account name is absent')
  expect(verdict(changed(name, ['actor', 'account', 'name'], 1.5))).toMatch(/^bad_value/)
  expect(verdict(changed(name, ['actor', 'account', 'name'], '7'))).toBe('ok')
  expect(verdict(changed(name, ['actor', 'account', 'homePage'], 5))).toMatch(/^bad_value/)
  expect(verdict(changed(name, ['verb', 'id'], undefined))).toBe('missing_key: verb id is absent')
  expect(verdict(changed(name, ['object', 'id'], null))).toBe('missing_key: object id is null')
  expect(verdict(changed(name, ['timestamp'], undefined))).toBe('missing_key: statement timestamp is absent')
  expect(verdict(changed(name, ['timestamp'], '2025-02-30T00:00:00Z'))).toMatch(/^bad_value: statement timestamp/)
  expect(verdict(changed(name, context('section_id'), null))).toBe('missing_key: context.extensions section_id is null')
  expect(verdict(changed(name, context('section_id'), [1]))).toMatch(/^bad_value/)
})

test('what is neither read nor needed does no harm', () => {
  for (const key of ['project_id', 'page_id']) expect(verdict(changed('other_torus', context(key), undefined))).toBe('ok')
  for (const name of torus) expect(verdict(changed(name, context('enrollment_id'), undefined))).toBe('ok')
  expect(verdict(changed('video_played', ['registration'], undefined))).toBe('ok')
  expect(verdict(changed('experiment_condition_assigned', context('project_id'), undefined))).toMatch(/^missing_key/)
})

test('scores', () => {
  for (const name of attempts) {
    expect(verdict(changed(name, ['result', 'score'], undefined))).toBe('missing_key: result.score raw is absent')
    expect(verdict(changed(name, ['result', 'score', 'max'], null))).toBe('missing_key: result.score max is null')
    expect(verdict(changed(name, ['result', 'score', 'raw'], '1'))).toBe('bad_value: result.score raw is not a number')
    expect(verdict(changed(name, ['result', 'score', 'raw'], 123456).replace('123456', '1e400'))).toMatch(/^bad_value/)
  }
})

test('any JSON is an answer, and kept as written', () => {
  const answer = (text: string) => accepted(changed('part_attempt', ['result', 'response'], '@').replace('"@"', text)).event
  for (const text of ['null', '42', '7.0', '"t"', '[]', '{"10":1,"2":2}', 'true', '{"a": [ 1e3 ]}', '"\\ud83d"'])
    expect(answer(text)).toMatchObject({ response: text })
  expect(accepted(changed('part_attempt', ['result', 'response'], undefined)).event).toMatchObject({ response: null })
  expect(accepted(changed('part_attempt', ['result', 'extensions'], undefined)).event).toMatchObject({ feedback: null })
})

test('ids may be numbers or text, attempt numbers numeric text', () => {
  expect(accepted(changed('part_attempt', context('part_id'), 1)).event).toMatchObject({ partId: '1' })
  expect(accepted(changed('video_played', context('project_id'), '31')).event).toMatchObject({ project: '31' })
  expect(accepted(changed('part_attempt', context('part_attempt_number'), '3')).event).toMatchObject({ partAttemptNumber: 3 })
  expect(verdict(changed('part_attempt', context('part_attempt_number'), '3x'))).toMatch(/^bad_value/)
  expect(verdict(changed('part_attempt', context('page_id'), 2 ** 53))).toMatch(/^bad_value/)
  expect(accepted(changed('part_attempt', context('hints_requested'), null)).event).toMatchObject({ hints: null })
  expect(accepted(changed('part_attempt', context('hints_requested'), 'h')).event).toMatchObject({ hints: '"h"' })
})

test('video values come from browsers: text and null are kept', () => {
  const length = ['context', 'extensions', `${video}length`]
  const time = ['result', 'extensions', `${video}time`]
  expect(accepted(changed('video_played', length, '60.5')).event).toMatchObject({ length: '60.5' })
  expect(accepted(changed('video_played', length, null)).event).toMatchObject({ length: null })
  expect(verdict(changed('video_played', length, undefined))).toBe('missing_key: context.extensions length is absent')
  expect(accepted(changed('video_played', time, null)).event).toMatchObject({ time: null })
  expect(verdict(changed('video_played', time, [1]))).toMatch(/^bad_value/)
  expect(accepted(changed('video_seeked', ['object', 'definition', 'name'], {})).event).toMatchObject({
    title: null,
    timeFrom: 1,
    timeTo: 2.25,
  })
})

test('a page view outside of any attempt has no attempt number either', () => {
  const text = changed('page_viewed', context('page_attempt_guid'), null).replace('page_attempt_number":1', 'page_attempt_number":null')
  expect(accepted(text).event).toMatchObject({ pageAttemptGuid: null, pageAttemptNumber: null })
})

test('bytes that are no statement', () => {
  expect(verdict(null)).toMatch(/^invalid_json/)
  for (const text of ['', '[]', '1', 'null', '{"a":1', '\ufeff{}', '{"a":01}']) expect(verdict(text)).toMatch(/^invalid_json/)
  expect(verdict(Buffer.from([0x7b, 0xc3, 0x28, 0x7d]))).toMatch(/^invalid_utf8/)
  expect(verdict('{}')).toMatch(/^missing_key/)
})

test('what is known of a refused statement goes to the ledger', () => {
  const refused = (text: string) => interpret(Buffer.from(text), {})
  expect(refused(changed('page_viewed', context('page_id'), undefined))).toMatchObject({
    ok: false,
    host: 'proton.oli.test',
    section: '59',
  })
  expect(refused(changed('page_viewed', ['actor'], undefined))).toMatchObject({ ok: false, host: null, section: '59' })
  expect(refused(changed('page_viewed', context('section_id'), null))).toMatchObject({ ok: false, host: 'proton.oli.test', section: null })
  expect(refused('{')).toMatchObject({ ok: false, host: null, section: null })
})

test('names of prototypes are names like any other', () => {
  const text = statements.part_attempt!.replace('{"actor"', '{"__proto__":{"verb":1},"constructor":{"prototype":1},"actor"')
  expect(accepted(text).event.id).toEqual(accepted(statements.part_attempt!).event.id)
  expect(verdict(`{"__proto__":${statements.page_viewed}}`)).toMatch(/^missing_key/)
  expect(verdict(changed('page_viewed', ['actor', 'account', 'name'], '__proto__'))).toBe('ok')
})

test('unknown verbs and types are events too', () => {
  expect(accepted(changed('video_played', ['verb', 'id'], 'https://w3id.org/xapi/video/verbs/interacted')).event.kind).toBe('other')
  expect(accepted(changed('activity_attempt', ['object', 'definition', 'type'], `${oli}poll`)).event.kind).toBe('other')
  expect(accepted(changed('activity_attempt', ['object', 'definition'], undefined)).event.kind).toBe('other')
  expect(accepted(changed('xapi_video', ['verb', 'id'], 'http://adlnet.gov/expapi/verbs/completed')).event.kind).toBe('video_completed')
})
