import { gzipSync } from 'node:zlib'
import { parseTimestamp } from '../../processors/route/timestamp.js'
import { partitionOf } from '../../schemas/partition.js'
import { csvRows } from '../../verify/deep/csv-rows.js'
import { Findings } from '../../verify/deep/findings.js'
import { homePartition } from '../../verify/deep/home-partition.js'
import { IdTable } from '../../verify/deep/id-table.js'
import { isSameTime, microsOf, printed } from '../../verify/deep/instants.js'
import { jsonTree, sortedText } from '../../verify/deep/json-tree.js'
import { type SourceLine, splitLines } from '../../verify/deep/split-lines.js'

describe('CSV', () => {
  const rows = (text: string) => [...csvRows(Buffer.from(text))]
  test('cells with commas, quotes and line ends', () => {
    expect(rows('a,b\n"1,2","say ""é""\nso"\n,""\n')).toEqual([
      ['a', 'b'],
      ['1,2', 'say "é"\nso'],
      ['', ''],
    ])
    expect(rows('')).toEqual([])
  })
  test.each(['a,b', 'a,', '"a', '"a"b\n'])('%j is no CSV', text => {
    expect(() => rows(text)).toThrow(RangeError)
  })
})

test('ids are found again, also in a table that grew', () => {
  const table = new IdTable(4)
  const id = (n: number) => Buffer.from([n >> 8, 0, 0, 0, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  for (let n = 0; n < 3000; n++) if (table.get(id(n & 2047)) === undefined) table.set(id(n & 2047), n)
  expect(table.size).toBe(new Set(Array.from({ length: 2048 }, (_, n) => id(n).toString('hex'))).size)
  expect(table.get(id(5))).toBe(5)
  expect(table.get(Buffer.alloc(16, 7))).toBeUndefined()
  table.set(id(5), -1)
  expect([...table.entries()].filter(([, value]) => value < 0)).toEqual([[id(5).toString('hex'), -1]])
})

test('a key has the partition that producers give it', () => {
  for (const key of ['', 'a', 'ab', 'abc', '1|one.oli.test|é', '2400|torus.example.edu|42', 'x'.repeat(99)])
    expect(homePartition(key, 997)).toBe(partitionOf(Buffer.from(key), 997))
})

test.each([
  '2025-01-13T08:00:00.123456789+01:00',
  '1969-12-31 23:59:60Z',
  '2024-02-29T00:00',
  '2025-01-13T08:00:00,5-0330',
  '2025-01-13T08:00+05',
])('%s is the same instant to both', text => {
  expect(microsOf(text)).toBe(parseTimestamp(text))
})

test('instants are printed with a fraction only where there is one', () => {
  expect([0, 1_500_000, -1].map(micros => printed(micros))).toEqual([
    '1970-01-01T00:00:00Z',
    '1970-01-01T00:00:01.500000Z',
    '1969-12-31T23:59:59.999999Z',
  ])
})

test('JSON has one spelling, numbers and the order of keys as written', () => {
  const text = ' { "b" : [ 1.0 , {} , [] ] , "a" : "\\u00e9\\/" , "b" : -0E+2, "" : null } '
  expect(jsonTree(text).text).toBe('{"b":[1.0,{},[]],"a":"é/","b":-0E+2,"":null}')
  expect(sortedText(jsonTree(text))).toBe('{"":null,"a":"é/","b":-0E+2}')
})

describe('lines', () => {
  async function split(chunks: readonly Buffer[], gzip: boolean, limit: number) {
    const found: string[] = []
    const stored = async function* () {
      yield* chunks
    }
    const lines = splitLines(stored(), gzip, limit)
    const text = ({ number, bytes, long }: SourceLine) => `${number} ${long ? `long ${bytes.length}` : bytes.toString()}`
    for (;;) {
      const { done, value } = await lines.next()
      if (done) return { found, ...value }
      found.push(text(value))
    }
  }
  const whole = Buffer.from(`\ufeffone\r\n \t\ntwo\u2028\n${'x'.repeat(70_000)}\n\nlast\r`)
  test.each([1, 7, 4096, whole.length])('cut anywhere (%i bytes)', async size => {
    if (size === 1)
      return expect(
        (
          await split(
            [...whole.subarray(0, 20)].map(byte => Buffer.from([byte])),
            false,
            100,
          )
        ).found[0],
      ).toBe('1 one')
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => whole.subarray(i * size, (i + 1) * size))
    const found = ['1 one', '3 two\u2028', '4 long 65536', '6 last\r']
    expect(await split(chunks, false, 100)).toEqual({ found, lines: 6, blank: 2, broken: false })
  })
  test('of a gzip stream that ends too early only whole ones', async () => {
    const packed = gzipSync('one\ntwo\nthree')
    expect(await split([packed], true, 100)).toEqual({ found: ['1 one', '2 two', '3 three'], lines: 3, blank: 0, broken: false })
    expect(await split([packed.subarray(0, -9)], true, 100)).toMatchObject({ found: ['1 one', '2 two'], broken: true })
    // The text is whole where only the checksum is cut.
    expect(await split([packed.subarray(0, -6)], true, 100)).toMatchObject({ found: ['1 one', '2 two', '3 three'], broken: true })
  })
})

test('of each kind of problem fifty are told and all are counted', () => {
  const findings = new Findings()
  for (let n = 0; n < 60; n++) findings.add('often', String(n))
  findings.add('once', 'here')
  expect(findings.lines()).toHaveLength(52)
  expect(findings.lines()).toContain('often: 10 more, 60 altogether')
})

test('a time is the same in every width', () => {
  expect(isSameTime('2024-09-02T18:24:00Z', '2024-09-02T18:24:00.000000Z')).toBe(true)
  expect(isSameTime('2024-09-02T18:24:00Z', '2024-09-02T18:24:00.000001Z')).toBe(false)
  expect(isSameTime('text', 'text')).toBe(false)
})
