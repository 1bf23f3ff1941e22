import { Readable } from 'node:stream'
import { constants, deflateRawSync, gzipSync } from 'node:zlib'
import { type SourceLine, splitLines } from '../../verify/deep/split-lines.js'
import { chunksOf, readGzip } from '../driver/read-lines.js'
import { type Random, seeded } from '../schemas/random.js'

/** As `readGzip` does it, by the checker's own code. */
async function checked(body: Buffer, chunk: number) {
  const found: string[] = []
  const lines = splitLines(Readable.from(chunksOf(body, chunk)), true, 1 << 20)
  const text = ({ number, bytes }: SourceLine) => `${number} ${bytes}`
  for (let next = await lines.next(); ; next = await lines.next()) {
    if (next.done === true) return { found, blank: next.value.blank, broken: next.value.broken }
    found.push(text(next.value))
  }
}

const words = ['alpha', '{"a":1}', 'x'.repeat(300), '\n', '\n\n', ' ', '0', 'é', '"verb":"answered"']
const textOf = (random: Random, size: number) => Array.from({ length: size }, () => random.pick(words)).join('')
const { Z_FIXED, Z_HUFFMAN_ONLY, Z_DEFAULT_STRATEGY, Z_RLE } = constants

function memberOf(random: Random): Buffer {
  const strategy = random.pick([Z_FIXED, Z_HUFFMAN_ONLY, Z_DEFAULT_STRATEGY, Z_RLE])
  return gzipSync(textOf(random, random.below(800)), { level: random.pick([0, 1, 6, 9]), strategy, memLevel: random.pick([1, 8]) })
}

const kinds: readonly ((random: Random, body: Buffer) => Buffer)[] = [
  (_, body) => body,
  (random, body) => body.subarray(0, random.below(body.length)),
  (random, body) => Buffer.concat([body, Buffer.alloc(random.below(40)), Buffer.from(random.pick(['', 'z', '\x1f\x8b\x08']), 'latin1')]),
  (random, body) => {
    const copy = Buffer.from(body)
    for (let n = 1 + random.below(3); n > 0; n--) copy[random.below(copy.length)]! ^= 1 << random.below(8)
    return copy
  },
]

test('the product and the checker, which share no code, read the same of 80 damaged objects', async () => {
  const broken = [0, 0]
  for (let seed = 0; seed < 80; seed++) {
    const random = seeded(seed)
    const members = Array.from({ length: 1 + random.below(3) }, () => memberOf(random))
    const body = kinds[seed % kinds.length]!(random, Buffer.concat(members))
    const chunk = random.pick([100, 4096, 1 << 20])
    const own = await checked(body, chunk)
    const product = await readGzip(body, chunk)
    expect({ seed, ...own }).toEqual({ seed, found: product.found, blank: product.blank, broken: product.broken !== null })
    broken[own.broken ? 1 : 0]!++
  }
  expect(Math.min(...broken)).toBeGreaterThan(20)
})

test('a large text is the same to both, whatever the chunks', async () => {
  const random = seeded(7)
  const body = Buffer.concat([gzipSync(textOf(random, 20_000)), gzipSync(textOf(random, 5_000), { level: 1 })])
  for (const chunk of [9999, 64 << 10, body.length]) {
    const { found, blank } = await readGzip(body, chunk)
    expect(await checked(body, chunk)).toEqual({ found, blank, broken: false })
  }
})

test('damage in a code that no packer writes', async () => {
  const head = gzipSync('').subarray(0, 10)
  const good = deflateRawSync('one\ntwo\n', { finishFlush: constants.Z_SYNC_FLUSH })
  // Bits behind good data, the lowest first: a block kind that is none, codes with too many words, no word, or a distance too far back.
  for (const bits of [
    '11',
    '011',
    '1111',
    '101111111111111111',
    '0010111111111',
    `001${'0'.repeat(300)}`,
    '110000000100000',
    '11000000001111111',
  ]) {
    const bytes = Buffer.from(bits.match(/.{1,8}/g)!.map(part => Number.parseInt([...part].reverse().join(''), 2)))
    const body = Buffer.concat([head, good, bytes, Buffer.alloc(80, 0x55)])
    const { found, blank, broken } = await readGzip(body, 5)
    expect({ bits, ...(await checked(body, 5)) }).toEqual({ bits, found, blank, broken: broken !== null })
  }
})
