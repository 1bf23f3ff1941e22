import { watchHeldBack } from '../../runtime/held-back.js'
import type { Fetched, Log } from '../../runtime/log.js'
import { type Logger, silentLogger } from '../../runtime/logger.js'

const fetched = (next: number, stable: number, high: number): Fetched => ({
  topic: 'xapi',
  partition: 3,
  records: [],
  next,
  low: 0,
  stable,
  high,
})

function watched() {
  let now = 0
  const said: string[] = []
  let asked = 0
  const log = {
    openTransactions: async () => {
      asked++
      return [{ producerId: 7, transactionalId: 'somebody', firstOffset: 10 }]
    },
  } as unknown as Log
  const logger: Logger = { ...silentLogger, warn: (_, text) => void said.push(text) }
  const clock = { now: () => 0, monotonic: () => now, sleep: async () => undefined, uuid: () => '' }
  const watch = watchHeldBack(log, clock, logger)
  return {
    said,
    asked: () => asked,
    /** One look every second. */
    look(seconds: number, answer: Fetched) {
      for (let i = 0; i < seconds; i++) {
        now += 1000
        watch.look(answer)
      }
      return new Promise(setImmediate)
    },
  }
}

test('after 30 s at an open transaction its owner is named, and again a minute later', async () => {
  const { look, said } = watched()
  await look(30, fetched(10, 10, 12))
  expect(said).toEqual([])
  await look(2, fetched(10, 10, 12))
  expect(said).toEqual(['an open transaction holds back xapi/3 at offset 10 of 12: somebody since offset 10'])
  await look(58, fetched(10, 10, 12))
  expect(said).toHaveLength(1)
  await look(5, fetched(10, 10, 12))
  expect(said).toHaveLength(2)
})

test('an idle partition, one that moves and one that is behind are nobody’s fault', async () => {
  const { look, asked } = watched()
  await look(100, fetched(10, 10, 10))
  for (let offset = 10; offset < 20; offset++) await look(20, fetched(offset, offset, 50))
  await look(100, fetched(5, 20, 50))
  expect(asked()).toBe(0)
})
