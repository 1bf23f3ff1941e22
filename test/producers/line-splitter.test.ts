import { createHash } from 'node:crypto'
import { type Line, LineSplitter } from '../../producers/line-splitter.js'
import { seeded } from '../schemas/random.js'

function split(chunks: readonly (string | Buffer)[], maxBytes = 1000) {
  const splitter = new LineSplitter(maxBytes)
  const lines: Line[] = chunks.flatMap(chunk => [...splitter.push(Buffer.from(chunk as string))])
  lines.push(...splitter.end())
  return { lines, blank: splitter.blank }
}
const texts = (lines: readonly Line[]) => lines.map(line => (line.tooLong ? `${line.bytes} bytes` : line.line.toString()))

test.each([
  ['', [], 0],
  ['a\nb', ['a', 'b'], 0],
  ['a\r\nb\r\n', ['a', 'b'], 0],
  ['a\rb\u2028c\u0085d', ['a\rb\u2028c\u0085d'], 0],
  ['\n \t\r\n\na\n\n', ['a'], 4],
  ['\ufeffa\n\ufeffb', ['a', '\ufeffb'], 0],
  ['\ufeff', [], 0],
  ['\r', [], 1],
  ['a\r', ['a\r'], 0],
])('%j', (text, expected, blank) => {
  const bytes = Buffer.from(text)
  for (const size of [1, 2, 3, 1000]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
    const result = split(chunks)
    expect([size, texts(result.lines), result.blank]).toEqual([size, expected, blank])
  }
})

test('numbers count every line from 1, and the end is known', () => {
  const { lines } = split(['a\n\nb\r\nc'])
  expect(lines.map(({ number, bytes, unterminated }) => [number, bytes, unterminated])).toEqual([
    [1, 1, false],
    [3, 1, false],
    [4, 1, true],
  ])
})

test('a line inside of one chunk is a view into it', () => {
  const chunk = Buffer.from('abc\ndef\n')
  const [line] = new LineSplitter(10).push(chunk)
  expect(line).toMatchObject({ tooLong: false })
  expect(!line!.tooLong && line!.line.buffer === chunk.buffer).toBe(true)
})

test('a line at the limit is kept, a longer one hashed', () => {
  const long = 'x'.repeat(200_000)
  for (const end of ['\n', '\r\n', '']) {
    for (const size of [7, 4096, 1_000_000]) {
      const text = Buffer.from(`${'y'.repeat(10)}${end || '\n'}${long}${end}`)
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.subarray(i * size, (i + 1) * size))
      const { lines } = split(chunks, 10)
      expect(texts(lines)).toEqual(['y'.repeat(10), '200000 bytes'])
      expect(lines[1]).toMatchObject({
        number: 2,
        unterminated: end === '',
        sha256: createHash('sha256').update(long).digest('hex'),
        head: Buffer.from(long.slice(0, 65536)),
      })
    }
  }
})

test('any cut into chunks gives the same lines', () => {
  const parts = ['a', 'é😀', '\r', '\n', '\r\n', ' ', '\ufeff', 'long line of text', '{"a":"\u2028"}']
  for (let seed = 0; seed < 2000; seed++) {
    const random = seeded(seed)
    const bytes = Buffer.from(Array.from({ length: random.below(30) }, () => random.pick(parts)).join(''))
    const chunks: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + random.below(6)
      chunks.push(bytes.subarray(at, at + size))
      at += size
    }
    expect({ seed, ...split(chunks, 12) }).toEqual({ seed, ...split([bytes], 12) })
  }
})
