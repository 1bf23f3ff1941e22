import { sqsQueue } from '../../runtime/s3/sqs-queue.js'
import { startQueueServer } from '../driver/queue-server.js'
import { eventQueueContract } from './event-queue.js'

const credentials = { region: 'us-east-1', accessKeyId: 'key', secretAccessKey: 'secret' }

eventQueueContract('SQS', async () => {
  const server = await startQueueServer()
  const queue = sqsQueue({ url: server.url, ...credentials })
  const close = async () => {
    queue.close()
    await server.close()
  }
  return { queue, inside: server.queue, close }
})

test('a queue that is away is waited for, one that refuses needs a person', async () => {
  const server = await startQueueServer()
  const queue = sqsQueue({ url: server.url, ...credentials })
  const { signal } = new AbortController()
  server.answer(503)
  await expect(queue.receive(30, signal)).rejects.toMatchObject({ code: 'QUEUE_UNREACHABLE' })
  server.answer(403)
  await expect(queue.receive(30, signal)).rejects.toMatchObject({ code: 'QUEUE_REFUSED' })
  await server.close()
  await expect(queue.receive(30, signal)).rejects.toMatchObject({ code: 'QUEUE_UNREACHABLE' })
  queue.close()
})

test('what is no URL is a mistake in the settings', () => {
  expect(() => sqsQueue({ url: 'uploads', ...credentials })).toThrow('CONFIG_INVALID')
})
