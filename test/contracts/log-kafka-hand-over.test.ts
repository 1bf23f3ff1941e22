import { randomUUID } from 'node:crypto'
import { kafkaLog } from '../../runtime/kafka/kafka-log.js'
import { until } from './log-parts/parts.js'

const brokers = process.env.TRIBUTARY_TEST_BROKERS?.split(',')
if (brokers === undefined) throw new Error('TRIBUTARY_TEST_BROKERS is not set: run the contract tests by `npm run test:contract`')

// Longer than the test waits on the slowest machine: a hand-over that waited for a heartbeat would never come.
const heartbeatMs = 600_000
const log = kafkaLog({ brokers, clientId: 'hand-over', membership: { sessionMs: 1_800_000, heartbeatMs } })
const name = `hand-over-${randomUUID()}`
beforeAll(() => log.createTopics([{ name, partitions: 6, replication: 1, config: {} }]))
afterAll(async () => {
  await log.deleteTopics([name])
  await log.close()
})

test('a hand-over does not wait for the usual heartbeats: who just joined soon asks whether there is more to come', async () => {
  const shares = [new Set<number>(), new Set<number>()]
  for (const share of shares)
    await log.join(name, name, {
      assigned: async partitions => {
        for (const partition of partitions) share.add(partition)
      },
      revoked: async partitions => {
        for (const partition of partitions) share.delete(partition)
      },
      lost: () => undefined,
    })
  // The first one has to hear of the second, to give up half of its partitions, and the second to hear of that.
  const seen = () => shares.map(share => [...share])
  await until('the shares are equal', () => shares.every(share => share.size === 3), seen)
  expect(seen().flat().sort()).toEqual([0, 1, 2, 3, 4, 5])
})
