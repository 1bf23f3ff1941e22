import { isCanonical } from '../../../sinks/csv/canonical.js'
import { rewriteJson } from '../../../sinks/csv/json-text.js'
import { random } from '../random.js'

it.each(['{}', '[]', '0', '-12', 'null', '"a b"', '{"a":1,"b":{"a":[true,false,null,"x",-7,{}]}}', '[[[]],{"10":1,"2":"~"}]'])(
  '%s is',
  text => {
    expect(isCanonical(text)).toBe(true)
  },
)

it.each([
  '',
  ' 1',
  '1 ',
  '[1, 2]',
  '1.0',
  '1e3',
  '-0',
  '01',
  '-',
  '"é"',
  '"\u007f"',
  '"\\n"',
  '{"a":1,"a":2}',
  '[1,]',
  '[,1]',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{1:2}',
  '[1}',
  '{"a":1]',
  '1,2',
  '[]]',
  '"a',
  '[',
  '{',
  'nulll',
  'tru',
  '{"a" :1}',
])('%j is not', text => {
  expect(isCanonical(text)).toBe(false)
})

it('many keys are left to the rewriting', () => {
  const object = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":${i}`).join(',')}}`
  expect(isCanonical(object(16))).toBe(true)
  expect(isCanonical(object(17))).toBe(false)
  expect(rewriteJson(object(17), 'python')).toBe(object(17))
})

/** JSON text with random blanks, escapes, numbers and repeated keys. */
function randomJson(next: () => number, depth: number): string {
  const pick = <T>(...of: readonly T[]) => of[Math.floor(next() * of.length)]!
  const blank = () => (next() < 0.05 ? pick(' ', '\n', '\t ') : '')
  const word = () =>
    `"${Array.from({ length: Math.floor(next() * 3) }, () => pick('a', 'b', 'c', ' ', 'é', '\\u0061', '\\"', '😀', '\\n', ']')).join('')}"`
  const list = (item: () => string) => Array.from({ length: Math.floor(next() * 4) }, () => blank() + item() + blank()).join(',')
  const value = () => randomJson(next, depth - 1)
  if (depth === 0 || next() < 0.3) return pick(word(), '1', '-20', '0', '1.0', '2e2', 'true', 'null', '12345678901234567890')
  return next() < 0.5 ? `[${list(value)}]` : `{${list(() => `${word()}${blank()}:${blank()}${value()}`)}}`
}

it('agrees with the rewriting, and that with JSON.parse (seeded)', () => {
  const next = random(5)
  let canonical = 0
  for (let i = 0; i < 5_000; i++) {
    const text = randomJson(next, 4)
    for (const style of ['python', 'bare'] as const) {
      const slow = rewriteJson(` ${text}`, style)
      if (isCanonical(text)) expect(slow).toBe(text)
      expect(rewriteJson(text, style)).toBe(slow)
      expect(rewriteJson(slow, style)).toBe(slow)
      expect(JSON.stringify(JSON.parse(slow))).toBe(JSON.stringify(JSON.parse(text)))
    }
    if (isCanonical(text)) canonical++
  }
  expect(canonical).toBeGreaterThan(500)
})

it('damaged text is never taken for good (seeded)', () => {
  const next = random(6)
  for (let i = 0; i < 5_000; i++) {
    const text = randomJson(next, 3)
    const at = Math.floor(next() * text.length)
    const damaged = text.slice(0, at) + [',', ']', '}', '"', ':', '1', ''][Math.floor(next() * 7)]! + text.slice(at + 1)
    if (isCanonical(damaged)) expect(JSON.stringify(JSON.parse(damaged))).toBeTruthy()
    expect(() => JSON.parse(rewriteJson(damaged, 'bare'))).not.toThrow()
  }
})
