import { kafkaLog } from '../../../runtime/kafka/kafka-log.js'
import { cutConnection, kafkajsClient } from '../../../runtime/kafka/kafkajs-internals.js'
import { isTributaryError } from '../../../schemas/errors.js'

test('the internals relied on are there, and an idle connection has no timer', async () => {
  const client = kafkajsClient({ brokers: ['127.0.0.1:1'], clientId: 'test' })
  const broker = await client.makeBroker({ node: 1, host: '127.0.0.1', port: 1 })
  for (const { requestQueue } of broker.connectionPool.pool) {
    requestQueue.scheduleCheckPendingRequests()
    expect((requestQueue as unknown as { throttleCheckTimeoutId: unknown }).throttleCheckTimeoutId).toBeNull()
  }
  await cutConnection(broker)
})

test('without a broker the self test says so in bounded time, and nothing is left behind', async () => {
  const log = kafkaLog({ brokers: ['127.0.0.1:1'], clientId: 'test' })
  const error = await log.selfTest().catch((caught: unknown) => caught)
  expect(isTributaryError(error, 'KAFKA_UNREACHABLE')).toBe(true)
  await log.close()
})
