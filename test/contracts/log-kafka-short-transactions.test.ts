import { randomUUID } from 'node:crypto'
import { kafkaLog } from '../../runtime/kafka/kafka-log.js'

const brokers = process.env.TRIBUTARY_TEST_BROKERS?.split(',')
if (brokers === undefined) throw new Error('TRIBUTARY_TEST_BROKERS is not set: run the contract tests by `npm run test:contract`')

const log = kafkaLog({ brokers, clientId: 'short' })
const name = `short-${randomUUID()}`
const partitions = 4
beforeAll(() => log.createTopics([{ name, partitions, replication: 1, config: {} }]))
afterAll(async () => {
  await log.deleteTopics([name])
  await log.close()
})

/**
 * The next transaction begins while the markers of the one before are still being written: the broker answers CONCURRENT_TRANSACTIONS. With
 * kafkajs every fourth of such transactions waited for 300 ms (measured).
 */
test('short transactions, one right after the other, do not stall', async () => {
  const writer = await log.claim(`short-${randomUUID()}`)
  const times: number[] = []
  for (let i = 0; i < 300; i++) {
    const began = performance.now()
    await writer.send(
      Array.from({ length: partitions }, (_, partition) => ({
        topic: name,
        partition,
        records: [{ key: null, value: Buffer.from(`${i}`) }],
      })),
    )
    await writer.commit()
    times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  const [p50, p90, p99, most] = [0.5, 0.9, 0.99, 1].map(share => times[Math.ceil(share * times.length) - 1]!) as [
    number,
    number,
    number,
    number,
  ]
  console.log(
    `300 transactions of a record on each of ${partitions} partitions: p50 ${p50.toFixed(0)} ms, p90 ${p90.toFixed(0)}, p99 ${p99.toFixed(0)}, most ${most.toFixed(0)}`,
  )
  expect(p50).toBeLessThan(100)
  expect(p90).toBeLessThan(300)
  await writer.close()
})
