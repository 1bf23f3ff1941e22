import { gzipSync } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import lz4 from 'lz4-napi'
import snappy from 'snappyjs'
import { cutBatches } from '../../../runtime/kafka/batch-cutting.js'
import { ByteWriter } from '../../../runtime/kafka/byte-writer.js'
import { type Codec, compress } from '../../../runtime/kafka/codec.js'
import { appended, halve, produceQueues } from '../../../runtime/kafka/produce-queue.js'
import { encodeBatch, recordSize } from '../../../runtime/kafka/record-batch-encoder.js'
import { recordsOf, walkBatches } from '../../../runtime/kafka/record-batch-walker.js'
import { lz4Exceeds } from '../../../runtime/kafka/unpacked-size.js'
import type { LogRecord, OutRecord } from '../../../runtime/log.js'
import { isTributaryError } from '../../../schemas/errors.js'
import { seeded } from './random.js'

const producer = { id: 4_000_000_123, epoch: 7, transactional: true }

function encoded(records: readonly OutRecord[], codec: Codec = 'none', base = 0): Buffer {
  const out = new ByteWriter(16)
  encodeBatch(out, { records, from: 0, to: records.length, sequence: 5 }, producer, codec, 1_790_000_000_000)
  // The base offset is the broker's to set, and lies before what the CRC covers.
  const { buffer } = out
  buffer.writeBigInt64BE(BigInt(base), 0)
  return buffer
}

function decoded(bytes: Buffer, from = 0, end = Number.POSITIVE_INFINITY): LogRecord[] {
  const records: LogRecord[] = []
  const { batches, damage } = walkBatches(bytes, 't', 0)
  for (const batch of batches) recordsOf(batch, from, end, records, 't', 0)
  if (damage !== undefined) throw damage
  return records
}

/** Damages the bytes after the attributes were changed, but keeps the CRC right. */
function resealed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}

const plain = (r: LogRecord) => [
  r.offset,
  r.key?.toString('hex') ?? null,
  r.value?.toString('hex') ?? null,
  r.headers.map(([n, v]) => [n, v.toString('hex')]),
]

describe.each<Codec>(['none', 'gzip', 'snappy', 'lz4'])('batches written with codec %s', codec => {
  test('read back as they were, for random records', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = seeded(seed)
      const some = () => (random.chance(0.15) ? null : random.bytes(random.chance(0.1) ? random.int(20_000) : random.int(200)))
      const records = Array.from({ length: 1 + random.int(40) }, (): OutRecord => {
        const headers = Array.from({ length: random.int(4) }, (_, i): [string, Buffer | string] => [
          `h-${i}-é`,
          random.chance(0.5) ? random.bytes(random.int(30)) : 'täxt',
        ])
        return { key: some(), value: some(), ...(random.chance(0.5) ? { headers } : {}) }
      })
      const bytes = encoded(records, codec, 1_000)
      const size = records.reduce((sum, r) => sum + recordSize(r), 61)
      if (codec === 'none') expect(bytes.length).toBeLessThanOrEqual(size)
      const wanted = records.map((r, i) => [
        1_000 + i,
        r.key?.toString('hex') ?? null,
        r.value?.toString('hex') ?? null,
        (r.headers ?? []).map(([n, v]) => [n, Buffer.from(v as string).toString('hex')]),
      ])
      expect([seed, ...decoded(bytes).map(plain)]).toEqual([seed, ...wanted])
      expect(decoded(bytes, 1_003, 1_005).map(r => r.offset)).toEqual([1_003, 1_004].filter(o => o < 1_000 + records.length))
    }
  })
})

const two = [
  { key: Buffer.from('k'), value: Buffer.from('v') },
  { key: null, value: Buffer.from('w') },
]

test('a batch tells its producer, its last offset and its times', () => {
  const [batch] = walkBatches(encoded(two, 'none', 9_007_199_254_740_000), 't', 0).batches
  expect(batch).toMatchObject({
    base: 9_007_199_254_740_000,
    last: 9_007_199_254_740_001,
    producerId: 4_000_000_123,
    transactional: true,
    control: false,
    count: 2,
  })
  expect(batch!.maxTimestamp).toBe(1_790_000_000_000)
})

test('what is cut off at the end is left for the next fetch; a cut first batch says what it needs', () => {
  const one = encoded(two)
  const both = Buffer.concat([one, encoded(two, 'none', 2)])
  for (let cut = 0; cut < one.length; cut++) {
    expect(walkBatches(both.subarray(0, one.length + cut), 't', 0)).toMatchObject({ batches: [{ base: 0 }], needed: undefined })
    const { batches, needed } = walkBatches(both.subarray(0, cut), 't', 0)
    expect(batches).toHaveLength(0)
    expect(needed).toBe(cut === 0 ? undefined : cut < 17 ? 65_536 : one.length)
  }
})

test('every damaged byte after the length is found', () => {
  const good = encoded(two, 'none', 42)
  for (let at = 16; at < good.length; at++) {
    const bad = Buffer.from(good)
    bad[at]! ^= 0x10
    const error = thrown(() => decoded(bad))
    expect(isTributaryError(error, 'CORRUPT_BATCH')).toBe(true)
    expect(String((error as Error).message)).toContain('t/0 at offset 42')
  }
})

test('an unknown codec and broken packing are named, and stop only who reads them', () => {
  const unknown = encoded(two, 'none', 42)
  unknown[22]! |= 0x07
  expect(
    isTributaryError(
      thrown(() => decoded(resealed(unknown))),
      'CORRUPT_BATCH',
    ),
  ).toBe(true)
  const broken = encoded(two, 'none', 42)
  broken[22]! |= 0x01
  expect(
    isTributaryError(
      thrown(() => decoded(resealed(broken))),
      'CORRUPT_BATCH',
    ),
  ).toBe(true)
})

/** Puts other bytes in the place of the records, packed by `codec`. */
function repacked(bits: number, pack: (records: Buffer) => Buffer): Buffer {
  const source = encoded(two, 'none', 3)
  const bytes = Buffer.concat([source.subarray(0, 61), pack(source.subarray(61))])
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes[22]! |= bits
  return resealed(bytes)
}

const xerialHead = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
}

test('snappy in Xerial framing, as Java writes it', () => {
  const bytes = repacked(2, records => {
    const blocks = [records.subarray(0, 7), records.subarray(7)].map(part => {
      const packed = Buffer.from(snappy.compress(part))
      const length = Buffer.alloc(4)
      length.writeInt32BE(packed.length)
      return Buffer.concat([length, packed])
    })
    return Buffer.concat([xerialHead, ...blocks])
  })
  expect(decoded(bytes).map(r => r.value!.toString())).toEqual(['v', 'w'])
})

test('zstd, here as a frame of one raw block', () => {
  const bytes = repacked(4, records => {
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, records.length, 0, 0, 0])
    header.writeUIntLE((records.length << 3) | 1, 6, 3)
    return Buffer.concat([header, records])
  })
  expect(decoded(bytes).map(r => r.value!.toString())).toEqual(['v', 'w'])
})

test('what would be too large when it is unpacked is refused before it fills the memory', () => {
  const size = 257 << 20
  const block = 128 * 1024
  const zstd = () => {
    // A window of a block, then blocks that are one byte, many times over.
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38])
    const blocks = Array.from({ length: size / block }, (_, i) => {
      const bytes = Buffer.alloc(4)
      bytes.writeUIntLE((block << 3) | (1 << 1) | (i === size / block - 1 ? 1 : 0), 0, 3)
      return bytes
    })
    return Buffer.concat([header, ...blocks])
  }
  // What snappy says of itself is allocated at once: here 300 MiB for a byte, and in Java's frames two of 150 MiB.
  const saying = (length: number) => Buffer.from([...varint(length), 0, 0x61])
  const framed = (blocks: readonly Buffer[]) =>
    Buffer.concat([xerialHead, ...blocks.flatMap(block => [Buffer.from([0, 0, 0, block.length]), block])])
  // A window of 129 MiB, as much content in one segment, and the same in a second frame.
  const window = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (17 << 3) | 1, 1, 0, 0, 0, 0, 0, 0, 0])
  const segment = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0x10, 0x08, 1, 0, 0, 0, 0, 0, 0])
  const nothing = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38, 1, 0, 0])
  for (const [bits, packed] of [
    [1, gzipSync(Buffer.alloc(size), { level: 1 })],
    [2, saying(300 << 20)],
    [2, framed([saying(150 << 20), saying(150 << 20)])],
    [3, Buffer.from(compress('lz4', Buffer.alloc(size)))],
    [4, zstd()],
    [4, window],
    [4, segment],
    [4, Buffer.concat([nothing, window])],
  ] as const) {
    expect(packed.length).toBeLessThan(5 << 20)
    const error = thrown(() => decoded(repacked(bits, () => packed)))
    expect(isTributaryError(error, 'CORRUPT_BATCH')).toBe(true)
    expect(String((error as Error).message)).toContain('unpacking t/0 at offset 3')
  }
})

test('frames in Xerial framing that say they are longer than what is there are damage', () => {
  for (const length of [0xfffffffc, 0x7fffffff, 100]) {
    const head = Buffer.alloc(4)
    head.writeUInt32BE(length)
    const bytes = repacked(2, () => Buffer.concat([xerialHead, head, Buffer.from([1, 0, 0x61])]))
    expect(
      isTributaryError(
        thrown(() => decoded(bytes)),
        'CORRUPT_BATCH',
      ),
    ).toBe(true)
  }
})

test('the size of lz4 frames is known before they are unpacked', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seeded(seed)
    const parts = Array.from({ length: 1 + random.int(3) }, () =>
      random.chance(0.5) ? random.bytes(random.int(200_000)) : Buffer.alloc(random.int(9_000_000), random.int(256)),
    )
    const text = Buffer.concat(parts)
    const packed = lz4.compressFrameSync(text, { contentChecksum: random.chance(0.5), blockChecksums: random.chance(0.5) })
    expect([seed, lz4Exceeds(packed, text.length)]).toEqual([seed, false])
    expect([seed, lz4Exceeds(packed, text.length - 1)]).toEqual([seed, true])
    const twice = Buffer.concat([packed, Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9]), packed])
    expect([seed, lz4Exceeds(twice, 2 * text.length), lz4Exceeds(twice, 2 * text.length - 1)]).toEqual([seed, false, true])
  }
  const declared = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x68, 0x40, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
  expect([lz4Exceeds(declared, 2 ** 40), lz4Exceeds(declared, 2 ** 40 - 1)]).toEqual([false, true])
})

describe('cutting', () => {
  test('keeps the order and the limit; a single larger record goes alone', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed)
      const records = Array.from({ length: random.int(50) }, (): OutRecord => ({ key: null, value: Buffer.alloc(random.int(300)) }))
      let from = 0
      for (const { to, bytes } of cutBatches(records, 500)) {
        const batch = encoded(records.slice(from, to))
        expect(to - from === 1 || bytes <= 500).toBe(true)
        expect(batch.length).toBeLessThanOrEqual(bytes)
        from = to
      }
      expect(from).toBe(records.length)
    }
  })

  test('numbers batches on, over halves and the end of the numbers', () => {
    const records = Array.from({ length: 4 }, (): OutRecord => ({ key: null, value: Buffer.alloc(10) }))
    const sequences = new Map([['t/0', 0x7fff_fffe]])
    const [queue] = produceQueues(
      [
        { topic: 't', partition: 0, records },
        { topic: 't', partition: 0, records },
      ],
      sequences,
      1_000,
    )
    expect(queue!.waiting.map(b => b.sequence)).toEqual([0x7fff_fffe, 2])
    expect(sequences.get('t/0')).toBe(6)
    expect(halve(queue!)).toBe(true)
    expect(queue!.waiting.map(b => [b.from, b.to, b.sequence])).toEqual([
      [0, 2, 0x7fff_fffe],
      [2, 4, 0],
      [0, 4, 2],
    ])
    for (const base of [10, 20, 30]) appended(queue!, base)
    expect([queue!.first, queue!.last, queue!.waiting.length]).toEqual([10, 33, 0])
  })
})

function thrown(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
