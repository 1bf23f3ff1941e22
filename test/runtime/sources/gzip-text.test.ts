import { deflateRawSync, gzipSync } from 'node:zlib'
import { readGzip } from '../../driver/read-lines.js'

const some = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `{"line":${from + i}}`)
const text = (from: number, to: number) => `${some(from, to).join('\n')}\n`
const numbered = (from: number, to: number) => some(from, to).map((line, i) => `${from + i + 1} ${line}`)
const member = (from: number, to: number) => gzipSync(text(from, to))
const wrong = (packed: Buffer, fromEnd: number) => {
  const copy = Buffer.from(packed)
  copy[copy.length - fromEnd]! ^= 1
  return copy
}
/** Header with every optional field. */
const fullHead = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 31, 0, 0, 0, 0, 0, 255, 3, 0, 1, 0, 2]),
  Buffer.from('name\0a comment\0'),
  Buffer.from([7, 7]),
])

describe('everything readable comes out', () => {
  test.each<[string, Buffer, number]>([
    ['no bytes at all', Buffer.alloc(0), 0],
    ['a member of nothing', gzipSync(''), 0],
    ['members', Buffer.concat([member(0, 3), gzipSync(''), member(3, 400)]), 400],
    ['a member a line', Buffer.concat(Array.from({ length: 300 }, (_, i) => member(i, i + 1))), 300],
    ['a line across members', Buffer.concat([gzipSync('{"line"'), gzipSync(`:0}\n${text(1, 5)}`)]), 5],
    ['zero bytes after a member', Buffer.concat([member(0, 10), Buffer.alloc(1000)]), 10],
    ['zero bytes between members', Buffer.concat([member(0, 10), Buffer.alloc(16), member(10, 210)]), 210],
    ['a head with all fields', Buffer.concat([fullHead, member(0, 10).subarray(10)]), 10],
  ])('%s', async (_, body, lines) => {
    for (const chunk of [1, 7, 64 << 10])
      expect(await readGzip(body, chunk)).toEqual({ found: numbered(0, lines), blank: 0, broken: null, reason: '', stored: body.length })
  })
})

describe('the rest is one refusal that says where', () => {
  const whole = member(0, 10)
  const n = whole.length
  test.each<[string, Buffer, number, string]>([
    ['no gzip', Buffer.from('this is none'), 0, 'this is no gzip, from byte 0 on'],
    ['other bytes', Buffer.concat([whole, Buffer.from('not gzip!')]), 10, `what follows the gzip stream, from byte ${n} on, is no gzip`],
    ['zeros, then other bytes', Buffer.concat([whole, Buffer.alloc(9), Buffer.from('x')]), 10, `from byte ${n + 9} on, is no gzip`],
    ['a member of an unknown kind', Buffer.concat([whole, Buffer.from([0x1f, 0x8b, 8, 0x80, 0, 0, 0, 0, 0, 0])]), 10, `from byte ${n} on`],
    ['the head cut', Buffer.concat([whole, whole.subarray(0, 5)]), 10, `cut off at byte ${n + 5}`],
    ['the trailer cut', whole.subarray(0, -3), 10, `cut off at byte ${n - 3}`],
    ['the trailer not there', whole.subarray(0, -8), 10, `cut off at byte ${n - 8}`],
    ['a wrong checksum', wrong(whole, 8), 10, `the gzip member at byte 0 does not fit its checksum at byte ${n - 8}`],
    ['a wrong length', wrong(whole, 1), 10, `the gzip member at byte 0 does not fit its checksum at byte ${n - 8}`],
    ['a wrong checksum, then a member', Buffer.concat([wrong(whole, 8), member(10, 30)]), 30, `the gzip member at byte 0 does not fit`],
  ])('%s', async (_, body, lines, reason) => {
    for (const chunk of [1, 7, 64 << 10]) {
      const read = await readGzip(body, chunk)
      expect(read).toMatchObject({ found: numbered(0, lines), broken: `${lines + 1} `, reason: expect.stringContaining(reason) })
    }
  })

  test('a last line without line end is whole when its member is', async () => {
    const read = await readGzip(Buffer.concat([gzipSync('one\ntwo'), Buffer.from('other')]))
    expect(read).toMatchObject({ found: ['1 one', '2 two'], broken: '3 ' })
  })

  test('the line in which the data is cut off is in the refusal', async () => {
    const body = gzipSync('one\n\ntwo\nthree').subarray(0, -9)
    expect(await readGzip(body)).toMatchObject({ found: ['1 one', '3 two'], blank: 1, broken: expect.stringMatching(/^4 thre?e?$/) })
  })

  test('of damaged data everything before the damage, and nothing behind it', async () => {
    // Stored blocks: the place of every byte is known. The fourth has a length that is none.
    const block = (lines: string) => Buffer.concat([Buffer.from([0]), lengths(lines.length), Buffer.from(lines)])
    const lengths = (length: number) => Buffer.from([length & 255, length >> 8, ~length & 255, (~length >> 8) & 255])
    const parts = [text(0, 500), text(500, 600), text(600, 700)].map(block)
    const body = Buffer.concat([gzipSync('').subarray(0, 10), ...parts, Buffer.from([0, 1, 0, 1, 0]), deflateRawSync('more\n')])
    const at = 10 + parts.reduce((sum, part) => sum + part.length, 0) + 4
    for (const chunk of [50, 4096, 64 << 10])
      expect(await readGzip(body, chunk)).toMatchObject({
        found: numbered(0, 700),
        broken: '701 ',
        reason: `the gzip stream is damaged at byte ${at}; what follows was not read`,
      })
  })

  test('many wrong checksums are one refusal', async () => {
    const body = Buffer.concat(Array.from({ length: 9 }, (_, i) => wrong(member(i * 10, i * 10 + 10), 8)))
    const { found, broken, reason } = await readGzip(body)
    expect(found).toEqual(numbered(0, 90))
    expect(broken).toBe('91 ')
    expect(reason.match(/does not fit its checksum/g)).toHaveLength(3)
    expect(reason).toContain('; so it is with 6 more')
  })
})
