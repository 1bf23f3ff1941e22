import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../runtime/clock.js'
import { type MemoryQueue, memoryQueue } from '../../runtime/memory/memory-queue.js'

/** SQS as far as its clients see it here: the JSON protocol over a queue in memory. */
export interface QueueServer {
  readonly url: string
  readonly queue: MemoryQueue
  /** Answers so from now on instead, and breaks what is under way; null = as it should. */
  answer(status: number | null): void
  close(): Promise<void>
}

interface Request {
  readonly MaxNumberOfMessages?: number
  readonly VisibilityTimeout?: number
  readonly ReceiptHandle?: string
}

/** The id is in front of the number of the delivery. */
const messageOf = (receipt = '') => ({ id: receipt.slice(0, receipt.lastIndexOf('/')), receipt, body: '' })

/** `hiddenAtMost`: seconds after which a message comes back from a receiver that was killed, whatever it asked for. */
export async function startQueueServer({ hiddenAtMost = 43_200 } = {}): Promise<QueueServer> {
  const queue = memoryQueue(systemClock)
  let refusal: number | null = null
  const actions: Readonly<Record<string, (request: Request, gone: AbortSignal) => Promise<object>>> = {
    async ReceiveMessage({ VisibilityTimeout = 30 }, gone) {
      const received = await queue.receive(Math.min(VisibilityTimeout, hiddenAtMost), gone)
      return {
        Messages: received.map(({ id, receipt, body }) => ({
          MessageId: id,
          ReceiptHandle: receipt,
          Body: body,
          MD5OfBody: createHash('md5').update(body).digest('hex'),
        })),
      }
    },
    async DeleteMessage({ ReceiptHandle }) {
      await queue.delete(messageOf(ReceiptHandle))
      return {}
    },
    async ChangeMessageVisibility({ ReceiptHandle, VisibilityTimeout = 0 }) {
      await queue.hide(messageOf(ReceiptHandle), Math.min(VisibilityTimeout, hiddenAtMost))
      return {}
    },
  }
  const server = createServer(async (request, response) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const body = await bodyOf(request)
    const target = String(request.headers['x-amz-target'])
    const action = actions[target.slice('AmazonSQS.'.length)]
    const signed = String(request.headers.authorization).includes('/sqs/aws4_request')
    const status = refusal ?? (action === undefined ? 400 : signed ? 200 : 403)
    const answer = status === 200 ? await action!(JSON.parse(body) as Request, gone.signal) : { __type: 'AccessDenied', message: 'refused' }
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/000000000000/uploads`,
    queue,
    answer(status) {
      refusal = status
      server.closeAllConnections()
    },
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}
