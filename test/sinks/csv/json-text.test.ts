import { joinedItems } from '../../../sinks/csv/array-text.js'
import { rewriteJson } from '../../../sinks/csv/json-text.js'
import { readGolden } from '../golden.js'

const vectors = JSON.parse(readGolden('python-vectors.json')) as { json: [string, string][]; items: [string, string][] }

describe("python's text", () => {
  it.each(vectors.json)('of %s', (written, python) => {
    expect(rewriteJson(written, 'python')).toBe(python)
  })

  it.each(vectors.items)('of the items of %s', (written, python) => {
    expect(joinedItems(written)).toBe(python)
  })

  it('says the same to a JSON parser as what was written', () => {
    for (const [written] of vectors.json.filter(([text]) => !text.includes('e999')))
      expect(JSON.stringify(JSON.parse(rewriteJson(written, 'python')))).toBe(JSON.stringify(JSON.parse(written)))
  })

  it('does not change when it is read and printed again', () => {
    for (const [, python] of vectors.json.filter(([text]) => !text.includes('e999'))) expect(rewriteJson(python, 'python')).toBe(python)
  })
})

describe('bare text', () => {
  it.each([
    [' { "a" : 1.0 , "b" : [ 1e3 , -0 ] } ', '{"a":1.0,"b":[1e3,-0]}'],
    ['"\\u00e9 \\/ \\u0041 \\u000a \\u001F"', '"é / A \\n \\u001f"'],
    ['"\\ud83d\\ude00"', '"😀"'],
    ['"\\ud83d x \\ude00"', '"\\ud83d x \\ude00"'],
    ['{"a":1,"\\u0061":2,"10":3,"2":4}', '{"a":2,"10":3,"2":4}'],
    ['"\u2028\u007f"', '"\u2028\u007f"'],
  ])('of %s', (written, bare) => {
    expect(rewriteJson(written, 'bare')).toBe(bare)
  })

  it('is what JSON.stringify makes of a string', () => {
    for (let unit = 0; unit <= 0xffff; unit += unit < 0x300 ? 1 : 97) {
      const text = JSON.stringify(String.fromCharCode(unit))
      expect(rewriteJson(text, 'bare')).toBe(text)
    }
  })
})

describe('what is no JSON', () => {
  it.each([
    '',
    ' ',
    '{',
    '[1',
    '[1,]',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '"open',
    '"\\x"',
    '"\\u12g4"',
    'nul',
    '1 2',
    '[1}',
    ']',
    '01',
    '\u00a01',
    '+1',
    '.5',
  ])('becomes a JSON string: %j', broken => {
    for (const style of ['python', 'bare'] as const) expect(JSON.parse(rewriteJson(broken, style))).toBe(broken)
  })
})

describe('items', () => {
  it.each([
    ['"abc"', 'abc'],
    ['{"a":[1, 2]}', '{"a":[1,2]}'],
    ['[[1, 2],{"a":"b,]"},"x"]', '[1,2],{"a":"b,]"},x'],
    ['7', '7'],
  ])('of %s', (written, joined) => {
    expect(joinedItems(written)).toBe(joined)
  })
})

describe('hostile answers', () => {
  const size = 50_000
  it.each([
    ['deep arrays', '['.repeat(size) + ']'.repeat(size)],
    ['deep objects', `${'{"a":'.repeat(size)}1${'}'.repeat(size)}`],
    ['repeated keys', `{${Array(size).fill('"a":1').join(',')}}`],
    ['repeated keys all the way down', `${'{"a":0,"a":'.repeat(size)}1${'}'.repeat(size)}`],
    ['many keys', `{${Array.from({ length: size }, (_, i) => `"${i}":${i}`).join(',')}}`],
    ['escapes only', `"${'\\u00e9'.repeat(size)}"`],
    ['open brackets', '['.repeat(size)],
  ])('%s cost linear time and no stack', (_, text) => {
    const before = performance.now()
    expect(rewriteJson(text, 'python').length).toBeGreaterThan(0)
    expect(rewriteJson(text, 'bare').length).toBeGreaterThan(0)
    expect(joinedItems(text).length).toBeGreaterThan(0)
    expect(performance.now() - before).toBeLessThan(5_000)
  })
})
