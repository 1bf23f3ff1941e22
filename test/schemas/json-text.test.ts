import { scanElements } from '../../schemas/json-scan.js'
import { canonicalJson, rawValue, sortedCanonicalJson } from '../../schemas/json-text.js'
import { randomJson, seeded } from './random.js'

const deep = (open: string, close: string, inner = '1') => open.repeat(100_000) + inner + close.repeat(100_000)

describe('rawValue', () => {
  test.each([
    ['{"a":{"b":1.0}}', ['a', 'b'], '1.0'],
    ['{"a":9007199254740993}', ['a'], '9007199254740993'],
    ['{ "a" : [ 1 , "]" ] , "b":2}', ['a'], '[ 1 , "]" ]'],
    ['{"a":1,"a":2}', ['a'], '2'],
    ['{"a":{"b":1},"a":{"c":2}}', ['a', 'b'], undefined],
    ['{"a":{"b":1},"a":3}', ['a', 'b'], undefined],
    ['{"\\u0061":"x"}', ['a'], '"x"'],
    ['{"a\\/b":"x"}', ['a/b'], '"x"'],
    ['{"x":"\\\\","a":"\\""}', ['a'], '"\\""'],
    ['{"x":"a\\\\\\"a\\":1","a":null}', ['a'], 'null'],
    ['{"__proto__":{"a":1}}', ['a'], undefined],
    ['[{"a":1}]', ['a'], undefined],
    ['{"b":{"a":1}}', ['a'], undefined],
  ])('%s %j', (text, path, expected) => {
    expect(rawValue(text, path)).toBe(expected)
  })

  test('finds what JSON.parse finds, in any spelling', () => {
    for (let seed = 0; seed < 1500; seed++) {
      const random = seeded(seed)
      const text = `{"k":${randomJson(random)},${JSON.stringify(random.pick(['k', 'x']))}:{"i":${randomJson(random)}, "\\u0069":${randomJson(random)}}}`
      const parsed = JSON.parse(text)
      for (const path of [['k'], ['x'], ['k', 'i'], ['x', 'i']]) {
        const expected = path.reduce(
          (value, key) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value[key] : undefined),
          parsed,
        )
        const raw = rawValue(text, path)
        expect({ seed, path, value: raw === undefined ? undefined : JSON.parse(raw) }).toEqual({ seed, path, value: expected })
      }
    }
  })

  test('walks any nesting and ends on any damage', () => {
    expect(rawValue(`{"x":${deep('[', ']')},"a":1}`, ['a'])).toBe('1')
    const text = '{"a":{"b":["\\"",{"c":1}]},"d":"e"}'
    for (let cut = 0; cut < text.length; cut++) expect(() => rawValue(text.slice(0, cut), ['d'])).not.toThrow()
  })
})

test('scanElements gives the elements as written', () => {
  expect(scanElements('[ {"a": 1.0} , [1,2],"x,y" ]')).toEqual(['{"a": 1.0}', '[1,2]', '"x,y"'])
  expect(scanElements('[]')).toEqual([])
  expect(scanElements('{}')).toBeUndefined()
  expect(scanElements('[1')).toBeUndefined()
})

describe('canonicalJson', () => {
  test.each([
    ['{ "b" : 1.0 ,\n"a":[ ] }', '{"b":1.0,"a":[]}'],
    ['"\\u00e9\\/\\u001F\\ud83d\\ude00"', '"é/\\u001f😀"'],
    ['"\\uD83D"', '"\\ud83d"'],
    ['{"10":1,"2":1e3}', '{"10":1,"2":1e3}'],
    [' 1 ', '1'],
  ])('%s', (text, expected) => {
    expect(canonicalJson(text)).toBe(expected)
  })

  test('keeps the value, is its own canonical form, and is one for all spellings', () => {
    for (let seed = 0; seed < 1500; seed++) {
      const text = randomJson(seeded(seed))
      const canonical = canonicalJson(text)
      expect({ seed, value: JSON.parse(canonical) }).toEqual({ seed, value: JSON.parse(text) })
      expect(canonicalJson(canonical)).toBe(canonical)
      expect(canonicalJson(JSON.stringify(JSON.parse(canonical)))).toBe(JSON.stringify(JSON.parse(text)))
    }
  })
})

describe('sortedCanonicalJson', () => {
  test.each([
    ['{"b":{"d":1,"c":2},"a":[{"z":1,"y":1.0}]}', '{"a":[{"y":1.0,"z":1}],"b":{"c":2,"d":1}}'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['{"":[[],{}],"a":""}', '{"":[[],{}],"a":""}'],
    ['{"\\u0061":1,"a":[]}', '{"a":[]}'],
    ['"x"', '"x"'],
  ])('%s', (text, expected) => {
    expect(sortedCanonicalJson(text)).toBe(expected)
  })

  test('keeps the value', () => {
    for (let seed = 0; seed < 1500; seed++) {
      const text = randomJson(seeded(seed))
      expect({ seed, value: JSON.parse(sortedCanonicalJson(text)) }).toEqual({ seed, value: JSON.parse(text) })
    }
  })

  test('stands any nesting', () => {
    expect(sortedCanonicalJson(deep('[', ']'))).toBe(deep('[', ']'))
    expect(sortedCanonicalJson(deep('{"a":', '}'))).toBe(deep('{"a":', '}'))
  })
})
