import { readFileSync } from 'node:fs'
import type { Json } from '../../processors/aggregate.js'
import { decodeValue, encodeValue } from '../../processors/aggregate-value.js'
import { topology } from '../../topology.js'

/** As they lie in stores and changelogs. */
const stored: Record<string, string> = JSON.parse(
  readFileSync(new URL('../golden/aggregates/counter-values.json', import.meta.url), 'utf8'),
)

/** Once it counted; then it wrote when first, too; now it is a list. */
const counter = {
  name: 'counter',
  version: 3,
  upgrades: {
    1: (_: string, count: Json) => ({ count: count as number, first: null }),
    2: (key: string, value: Json) => {
      const { count, first } = value as { count: number; first: number | null }
      return [key, count, first]
    },
  },
}

test.each(Object.entries(stored))('a value of %s is brought up to the version of today', (version, text) => {
  const value = decodeValue(counter, 'key', Buffer.from(text))
  expect(value).toEqual(['key', 5, version === 'version 1' ? null : 1738555506000000])
  expect(encodeValue(counter, value).toString()).toBe(`3 ${JSON.stringify(value)}`)
})

test('what a later release has written is refused, and so is a version that nobody brings up', () => {
  expect(() => decodeValue(counter, 'key', Buffer.from('4 []'))).toThrow('version 4, and this release has 3')
  expect(() => decodeValue({ ...counter, upgrades: {} }, 'key', Buffer.from('1 5'))).toThrow('version 1')
})

test.each(topology.aggregates)('$name has an upgrade from every version before', ({ version, upgrades }) => {
  expect(Object.keys(upgrades)).toEqual(Array.from({ length: version - 1 }, (_, i) => String(i + 1)))
})

test('any JSON comes back', () => {
  for (const value of [0, -0.5, '', 'é " 😀', null, true, [], [[1]], { a: { b: 'c d' } }])
    expect(decodeValue(counter, '', encodeValue(counter, value))).toEqual(value)
})
