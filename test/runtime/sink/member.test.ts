import { appendRow, closePieces, type Member } from '../../../runtime/sink/member.js'

const memberOf = (chunkSize: number) =>
  ({
    open: new Map(),
    openBytes: 0,
    openRows: 0,
    applied: { spec: { chunk_size: chunkSize } },
    renderer: { head: 'a,b\n' },
  }) as unknown as Member

const budget = 4 << 20

/** Rows of 80 bytes, until the budget of a flush is reached. */
function filled(chunkSize: number): Member {
  const member = memberOf(chunkSize)
  for (let n = 0; member.openBytes < budget; n++) appendRow(member, 'events.attempt', `${String(n).padStart(79)}\n`, n, n)
  return member
}

test('pieces of few rows count with what they hold: there are never more than the budget has room for', () => {
  const { open, openRows, openBytes } = filled(1)
  const pieces = open.get('events.attempt')!
  expect(pieces).toHaveLength(openRows)
  // A buffer of 4 KiB each, whatever little is in it; the first has a small one.
  expect(pieces.length - 1).toBeLessThanOrEqual(budget / 4096)
  expect(openBytes).toBe(pieces.reduce((sum, piece) => sum + piece.held, 0))
})

test('pieces of many rows count with their buffers, which are two thirds full at least', () => {
  const member = filled(50_000)
  const bytes = member.open.get('events.attempt')!.reduce((sum, piece) => sum + piece.bytes, 0)
  expect(member.openBytes).toBeGreaterThanOrEqual(bytes)
  expect(member.openBytes * 0.66).toBeLessThan(bytes)
  expect(member.openRows).toBeGreaterThan(budget / 80 / 2)
  closePieces(member)
  expect([member.openBytes, member.openRows, member.open.size]).toEqual([0, 0, 0])
})
