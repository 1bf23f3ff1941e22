import { spoil } from '../../../demo/spoilt-lines.js'
import { interpret } from '../../../processors/route/interpret.js'
import { damageOf } from '../../../runtime/dead-letters/damage.js'
import { statement } from '../../driver/statements.js'

/** As route would refuse it. */
function damage(bytes: Buffer) {
  const refused = interpret(bytes, {})
  if (refused.ok) throw new Error('it is not refused')
  return damageOf(refused.refusal.code, refused.refusal.reason, bytes)
}

const text = statement(0, {}, 'part_attempt')
const without = (key: string) => text.replace(new RegExp(`"[^"]*${key}":("[^"]*"|\\d+),`), '')

test('broken JSON: the byte, and what should stand there', () => {
  expect(damage(Buffer.from('{"actor":{{"x":1}}'))).toEqual({ byte: 10, says: 'there is "{", expected a quoted key or }' })
  expect(damage(Buffer.from('{"ä":1'))).toEqual({ byte: 7, says: 'the text ends, expected , or }' })
  expect(damage(Buffer.from('[1]'))).toEqual({ byte: null, says: 'it is JSON, but no object that can be read' })
})

test('broken UTF-8: the byte, and the bytes', () => {
  const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xe9, 0x74, 0xe9]), Buffer.from('"}')])
  expect(damage(bytes)).toEqual({ byte: 6, says: 'the bytes e9 74 e9 22 are not UTF-8' })
})

test('an absent key: what its container has; a wrong value: what it is', () => {
  expect(damage(Buffer.from(without('page_attempt_guid')))?.says).toMatch(/^context\.extensions has section_id, project_id, .*page_id/)
  expect(damage(Buffer.from(text.replace(/"timestamp":"[^"]*"/, '"timestamp":"noon"')))).toEqual({ byte: null, says: 'it is "noon"' })
  expect(damage(Buffer.from(text.replace('"raw":1', '"raw":"full marks"')))).toEqual({ byte: null, says: 'it is "full marks"' })
  expect(damage(Buffer.from('{"a":1}'))?.says).toBe('there is no actor')
})

test('every way in which the demo spoils a line has something to say', () => {
  for (let n = 0; n < 10; n++) expect(damage(spoil(text, n).line)?.says).toMatch(/./)
})

test('what is cut off ends where it ends', () => {
  expect(damageOf('cut_off', '', Buffer.from('{"a'))).toEqual({ byte: 3, says: 'what came after this is not kept' })
})
