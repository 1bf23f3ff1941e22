import { kafkaLog } from '../../../runtime/kafka/kafka-log.js'
import { cutConnection, kafkajsClient } from '../../../runtime/kafka/kafkajs-internals.js'
import { isTributaryError } from '../../../schemas/errors.js'

interface Queue {
  readonly throttleCheckTimeoutId: unknown
  scheduleCheckPendingRequests(): void
  destroy(): void
}

test('the internals relied on are there, and no idle connection has a timer', async () => {
  const client = kafkajsClient({ brokers: ['127.0.0.1:1'], clientId: 'test' })
  const broker = await client.makeBroker({ node: 1, host: '127.0.0.1', port: 1 })
  const own = broker.connectionPool.pool[0]!.requestQueue as unknown as Queue
  const foreign = new (own.constructor as new (options: object) => Queue)({})
  for (const queue of [own, foreign]) {
    queue.scheduleCheckPendingRequests()
    const timer = queue.throttleCheckTimeoutId
    queue.destroy()
    expect(timer).toBeNull()
  }
  await cutConnection(broker)
})

test('without a broker the self test says so in bounded time, and nothing is left behind', async () => {
  const log = kafkaLog({ brokers: ['127.0.0.1:1'], clientId: 'test' })
  const error = await log.selfTest().catch((caught: unknown) => caught)
  expect(isTributaryError(error, 'KAFKA_UNREACHABLE')).toBe(true)
  await log.close()
})

test('a clock that is set back keeps neither a throttled connection silent nor a request waiting', async () => {
  const client = kafkajsClient({ brokers: ['127.0.0.1:1'], clientId: 'test' })
  const broker = await client.makeBroker({ node: 1, host: '127.0.0.1', port: 1 })
  const queue = broker.connectionPool.pool[0]!.requestQueue
  const timeOfDay = Date.now
  try {
    const gone = new Promise<void>(resolve => {
      const request = { requestTimeout: 10, sentAt: Date.now(), timeoutRequest: () => resolve() }
      Object.assign(queue, { inflight: new Map([[1, request]]), isConnected: () => true })
    })
    queue.scheduleRequestTimeoutCheck()
    queue.maybeThrottle(20)
    expect(queue.canSendSocketRequestImmediately()).toBe(false)
    Date.now = () => timeOfDay() - 3_600_000
    await gone
    expect(queue.canSendSocketRequestImmediately()).toBe(true)
  } finally {
    Date.now = timeOfDay
    queue.destroy()
  }
})
