import { factOf } from '../../verify/deep/fact.js'
import { statements as made, statement } from '../driver/statements.js'
import { accepted, expectedIds, shapes, statements } from '../processors/route/statements.js'

function told(text: string) {
  const fact = factOf(Buffer.from(text), undefined)
  if (fact === null) throw new Error(`no fact: ${text}`)
  return { kind: fact.kind, key: fact.learnerKey, id: fact.id.toString('hex'), derived: fact.derived.map(each => each.toString('hex')) }
}

test.each(Object.keys(statements))('%s has its frozen id, computed a second time', name => {
  expect(told(statements[name]!)).toEqual(expectedIds[name])
})

test.each(Object.keys(shapes))('%s tells what route finds in it', name => {
  const { key, event, derived } = accepted(shapes[name]!)
  const hex = (each: typeof event) => each.id
  expect(told(shapes[name]!)).toEqual({ kind: event.kind, key, id: hex(event), derived: derived.map(hex) })
})

test('statements as Torus writes them have the ids that route gives them', () => {
  for (const text of made(0, 64)) expect(told(text).id).toBe(accepted(text).event.id)
})

test.each([
  ['escapes and blanks', (text: string) => text.replace('"answer', '"\\u0061nsw\\/er').replaceAll(',"', ' ,\n "')],
  ['a repeated key', (text: string) => text.replace('"files":[]', '"files":[1],"files":[]')],
  ['numbers as text', (text: string) => text.replace('attempt_number":1', 'attempt_number":"1"')],
  ['a time in another zone', (text: string) => text.replace(/T08:(\d\d):(\d\d)Z/, 'T09:$1:$2.0000009+01:00')],
  ['an answer of null', (text: string) => text.replace(/"response":\{.*?\}/, '"response":null')],
  ['profile xapi', (text: string) => text.replace('section_id', 'no_section').replace('{', '{"id":"its-own",')],
  ['another kind', (text: string) => text.replace('activities/question', 'activities/b/a')],
  ['a host with its scheme', (text: string) => text.replace('"one.oli.test"', '"HTTPS://One.oli.test//"')],
])('both agree about %s', (_, change) => {
  for (const kind of ['part_attempt', 'video_paused', 'page_viewed'] as const) {
    const text = change(statement(3, {}, kind))
    expect(told(text)).toMatchObject({ key: accepted(text).key, id: accepted(text).event.id })
  }
})

test('what can be no event tells nothing', () => {
  for (const text of ['', 'null', '[]', '{}', '{"actor":', statement(1).replace(/"timestamp":"[^"]*"/, '"timestamp":"yesterday"')])
    expect(factOf(Buffer.from(text), undefined)).toBeNull()
  expect(factOf(null, undefined)).toBeNull()
  expect(factOf(Buffer.from([0x7b, 0xff, 0x7d]), undefined)).toBeNull()
})

test('any nesting is read', () => {
  const nested = statement(1, {}, 'part_attempt').replace('"files":[]', `"files":${'['.repeat(200_000)}${']'.repeat(200_000)}`)
  expect(told(nested).id).toBe(accepted(nested).event.id)
})
