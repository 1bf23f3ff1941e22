import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { kafkaLog } from '../../runtime/kafka/kafka-log.js'

const brokers = process.env.TRIBUTARY_TEST_BROKERS?.split(',')
if (brokers === undefined) throw new Error('TRIBUTARY_TEST_BROKERS is not set: run the contract tests by `npm run test:contract`')

// So long that a slow machine alone does not make the test wait for it.
const heartbeatMs = 60_000
const log = kafkaLog({ brokers, clientId: 'hand-over', membership: { sessionMs: 180_000, heartbeatMs } })
const name = `hand-over-${randomUUID()}`
beforeAll(() => log.createTopics([{ name, partitions: 6, replication: 1, config: {} }]))
afterAll(async () => {
  await log.deleteTopics([name])
  await log.close()
})

test('a hand-over does not wait for the usual heartbeats: who just joined soon asks whether there is more to come', async () => {
  const shares = [new Set<number>(), new Set<number>()]
  const began = Date.now()
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
  while (shares.some(share => share.size !== 3)) {
    if (Date.now() - began > heartbeatMs) throw new Error(`no equal shares: ${shares.map(share => [...share]).join(' / ')}`)
    await sleep(10)
  }
  console.log(`two members share after ${((Date.now() - began) / 1000).toFixed(1)} s, with a heartbeat every ${heartbeatMs / 1000} s`)
})
