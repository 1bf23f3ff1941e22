import { ByteReader } from '../../../runtime/kafka/byte-reader.js'
import { ByteWriter, varintSize } from '../../../runtime/kafka/byte-writer.js'

const edges = [
  0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8193, 1_048_575, 1_048_576, 134_217_727, 134_217_728, 2_147_483_647, -2_147_483_648,
]

test.each(edges)('the varint of %d reads back, in as many bytes as foretold', value => {
  const out = new ByteWriter(1).varint(value)
  expect(out.offset).toBe(varintSize(value))
  expect(new ByteReader(out.buffer).varint()).toBe(value)
  expect(new ByteReader(out.buffer).varlong()).toBe(value)
})

test('known varints of the protocol', () => {
  expect([...new ByteWriter().varint(-1).buffer]).toEqual([1])
  expect([...new ByteWriter().varint(150).buffer]).toEqual([0xac, 0x02])
  expect([...new ByteWriter().uvarint(300).buffer]).toEqual([0xac, 0x02])
})

test.each([0, 1, -1, 4_294_967_295, 4_294_967_296, -4_294_967_297, 1_790_000_000_000, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
  'the 64 bits of %d read back',
  value => {
    const { buffer } = new ByteWriter().i64(value)
    expect(buffer.readBigInt64BE()).toBe(BigInt(value))
    expect(new ByteReader(buffer).i64()).toBe(value)
  },
)

test('a varlong of more than 32 bits reads back (timestamps of foreign writers)', () => {
  // -1790000000000 in zigzag = 3579999999999
  const bytes: number[] = []
  for (let rest = 3_579_999_999_999; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest > 127 ? (rest % 128) | 0x80 : rest)
    if (rest <= 127) break
  }
  expect(new ByteReader(Buffer.from(bytes)).varlong()).toBe(-1_790_000_000_000)
})

test('strings, nulls, arrays and tagged fields', () => {
  const out = new ByteWriter(1)
  out.string('äö').string(null).compactString('x').compactString(null)
  out.array([1, 2], n => out.i32(n)).compactArray(['a'], s => out.compactString(s))
  out.uvarint(1).uvarint(7).uvarint(2).i16(9)
  const from = new ByteReader(out.buffer)
  expect([from.string(), from.string(), from.compactString(), from.compactString()]).toEqual(['äö', null, 'x', null])
  expect([from.array(() => from.i32()), from.compactArray(() => from.compactString())]).toEqual([[1, 2], ['a']])
  const seen: number[][] = []
  from.tagged((tag, field) => seen.push([tag, field.i16()]))
  expect([seen, from.offset]).toEqual([[[7, 9]], out.offset])
})

test('what is cut off throws instead of reading beyond', () => {
  expect(() => new ByteReader(Buffer.from([0x80])).uvarint()).toThrow(RangeError)
  expect(() => new ByteReader(Buffer.alloc(3)).take(4)).toThrow(RangeError)
  expect(() => new ByteReader(Buffer.alloc(3)).take(-1)).toThrow(RangeError)
})
