import { isUtf8 } from 'node:buffer'
import { jsonDamage } from '../../schemas/json-damage.js'
import { utf8Damage } from '../../schemas/utf8-damage.js'
import { randomJson, seeded } from './random.js'

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test.each([
  ['{"a":1', 6, ', or }'],
  ['{"actor":{{"x":1}}', 10, 'a quoted key or }'],
  ['{"a":1,}', 7, 'a quoted key'],
  ['{"a" 1}', 5, ':'],
  ['[1,]', 3, 'a value'],
  ['[1 2]', 3, ', or ]'],
  ['<html>', 0, 'a value'],
  ['', 0, 'a value'],
  ['{} {}', 3, 'the end'],
  ['01', 1, 'the end'],
  ['{"a":nul}', 5, 'a value'],
  ['"abc', 4, 'a closing quote'],
  ['"a\tb"', 2, 'an escape: control characters cannot stand in a string'],
  ['"\\u12g4"', 5, 'four hex digits'],
  ['"\\x"', 2, 'one of "\\/bfnrtu behind a backslash'],
  ['\ufeff{}', 0, 'a value'],
])('%j is damaged at %d', (text, at, expected) => {
  expect(jsonDamage(text)).toEqual({ at, expected })
})

test('damage is found where and only where JSON.parse finds some', () => {
  for (let seed = 0; seed < 6_000; seed++) {
    const random = seeded(seed)
    const whole = randomJson(random)
    const at = random.below(whole.length + 1)
    const text = random.pick([
      whole,
      whole.slice(0, at),
      whole.slice(0, at) + random.pick(['{', '}', '"', ',', ':', '0', '\\', '\u0001', 'e', ' ']) + whole.slice(at),
      whole.slice(0, at) + whole.slice(at + 1),
    ])
    expect({ seed, text, damage: jsonDamage(text) !== null }).toEqual({ seed, text, damage: !parses(text) })
  }
})

test('nesting without end is no damage', () => {
  expect(jsonDamage(`${'[{"a":'.repeat(200_000)}1${'}]'.repeat(200_000)}`)).toBeNull()
})

test('the byte where UTF-8 ends: what lies before is UTF-8, and nothing longer is', () => {
  const pieces = ['a', 'é', '€', '😀', '\u2028'].map(text => Buffer.from(text))
  const broken = [
    [0xff],
    [0x80],
    [0xc0, 0xaf],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
  ]
  for (let seed = 0; seed < 6_000; seed++) {
    const random = seeded(seed)
    const parts = Array.from({ length: random.below(6) }, () =>
      random.below(5) === 0 ? Buffer.from(random.pick(broken)) : random.pick(pieces),
    )
    const bytes = Buffer.concat(parts)
    const at = utf8Damage(bytes)
    expect({ seed, whole: at === null }).toEqual({ seed, whole: isUtf8(bytes) })
    if (at !== null) expect({ seed, before: isUtf8(bytes.subarray(0, at)) }).toEqual({ seed, before: true })
    if (at !== null)
      for (let length = 1; length <= 4; length++) expect(isUtf8(bytes.subarray(at, at + length)) && at + length <= bytes.length).toBe(false)
  }
})
