import { prettyJson } from '../../commands/terminal/pretty-json.js'
import { randomJson, seeded } from '../schemas/random.js'

test('numbers stay as they were written, empty containers in their line', () => {
  expect(prettyJson('{"a":1.0,"big":12345678901234567890,"none":{},"list":[ ],"deep":[1,{"b":"x, {y}: [z]"}]}')).toBe(
    `{
  "a": 1.0,
  "big": 12345678901234567890,
  "none": {},
  "list": [],
  "deep": [
    1,
    {
      "b": "x, {y}: [z]"
    }
  ]
}`,
  )
})

test('it says the same as the text', () => {
  for (let seed = 0; seed < 3000; seed++) {
    const text = randomJson(seeded(seed))
    expect({ seed, value: JSON.parse(prettyJson(text)) as unknown }).toEqual({ seed, value: JSON.parse(text) as unknown })
  }
})

test('without numbers and repeated keys it is what JSON.stringify sets out', () => {
  const value = { a: ['x', {}, [], null, { b: true, c: { d: '"' } }], e: '' }
  expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2))
})

test('nesting without end costs no more than its length', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  expect(prettyJson(deep).length).toBeLessThan(50_000 * 2 * 90)
})
