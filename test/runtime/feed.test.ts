import { makeFeed } from '../../runtime/feed.js'
import type { Fetched, FetchPosition, LogReader } from '../../runtime/log.js'
import { TributaryError } from '../../schemas/errors.js'

const limits = { maxWaitMs: 0, maxBytes: 1, maxBytesPerPartition: 1 }
const at = (partition: number): FetchPosition => ({ topic: 't', partition, offset: 0 })
const whole = ({ topic, partition, offset }: FetchPosition): Fetched => ({
  topic,
  partition,
  records: [],
  next: offset + 1,
  low: 0,
  stable: 9,
  high: 9,
})

function feedOf(answer: (position: FetchPosition) => Fetched) {
  const polls: number[][] = []
  const reader: LogReader = {
    async fetch(positions) {
      polls.push(positions.map(p => p.partition))
      return positions.map(answer)
    },
    close: async () => undefined,
  }
  return { feed: makeFeed(reader, limits), polls }
}

test('tasks that ask in one turn share a poll, each with its own answer', async () => {
  const { feed, polls } = feedOf(whole)
  const taken = await Promise.all([feed.take([at(0)]), feed.take([at(2), at(1)])])
  expect(taken.map(all => all.map(f => f.partition))).toEqual([[0], [2, 1]])
  expect(polls).toEqual([[0, 2, 1]])
})

test('nobody is polled for who does not ask: a task that waits for a slow sink or registry fetches nothing', async () => {
  const { feed, polls } = feedOf(whole)
  await feed.take([at(0)])
  for (let i = 0; i < 5; i++) await feed.take([at(1)])
  expect(polls).toEqual([[0], [1], [1], [1], [1], [1]])
})

test('a partition that cannot be read stops the task that stands there, and no other', async () => {
  const broken = new TributaryError('CORRUPT_BATCH', 'reading t/1')
  const { feed } = feedOf(position => (position.partition === 1 ? { ...whole(position), next: 0, broken } : whole(position)))
  const taken = await Promise.allSettled([feed.take([at(0)]), feed.take([at(1)]), feed.take([at(2)])])
  expect(taken.map(one => (one.status === 'rejected' ? one.reason : one.value[0]!.next))).toEqual([1, broken, 1])
  expect((await feed.take([at(2)]))[0]!.next).toBe(1)
})
