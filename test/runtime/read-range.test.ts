import type { Fetched, LogReader } from '../../runtime/log.js'
import { readRange } from '../../runtime/read-range.js'

const answer = (next: number, extra: Partial<Fetched> = {}): Fetched => ({
  topic: 't',
  partition: 0,
  records: [],
  next,
  low: 0,
  stable: 100,
  high: 100,
  ...extra,
})
const reader = (fetch: (offset: number) => Fetched): LogReader => ({
  fetch: async positions => [fetch(positions[0]!.offset)],
  close: async () => undefined,
})
const read = (fetch: (offset: number) => Fetched, from = 0, to = 100) => {
  const steps: number[] = []
  return readRange(reader(fetch), { topic: 't', partition: 0, from, to }, (_, next) => void steps.push(next)).then(() => steps)
}

test('it ends where the range ends, in as many steps as there are fetches', async () => {
  expect(await read(offset => answer(Math.min(100, offset + 40)))).toEqual([40, 80, 100])
  expect(await read(() => answer(0), 100, 100)).toEqual([])
})

test('what retention took is passed over', async () => {
  expect(await read(offset => (offset < 70 ? answer(offset, { lost: { low: 70, high: 100 } }) : answer(100)))).toEqual([70, 100])
})

test('a log that cannot be walked is an error, not a wait', async () => {
  await expect(read(offset => answer(offset))).rejects.toMatchObject({ code: 'READ_STUCK', message: expect.stringContaining('t/0') })
})
