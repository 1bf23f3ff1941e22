import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs'
import { TributaryError } from '../../schemas/errors.js'
import { shownAddress, splitLogin } from '../../schemas/secrets.js'
import type { EventQueue, QueueMessage } from '../event-queue.js'
import { givenCredentials, throwMissingCredentials } from './credentials.js'

export interface SqsOptions {
  readonly url: string
  /** Where the URL does not tell it. */
  readonly region: string
  /** Left out = the AWS SDK finds the credentials. */
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
}

const amazon = /^sqs[.-](?:fips\.)?([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/
/** A receipt outlives neither another delivery nor the message; then somebody else sees to it. */
const lostReceipt = /ReceiptHandleIsInvalid|MessageNotInflight|InvalidParameterValue|InvalidIdFormat/

/** EventQueue over SQS, or a server that speaks its JSON protocol. */
export function sqsQueue({ url, region, ...account }: SqsOptions): EventQueue {
  if (!URL.canParse(url) || splitLogin(url).login !== null)
    throw new TributaryError('CONFIG_INVALID', `FOLLOW_QUEUE_URL=${shownAddress(url)}: must be a URL, without user name and password`)
  const { origin, hostname } = new URL(url)
  const of: SQSClientConfig = { region: amazon.exec(hostname)?.[1] ?? region, endpoint: origin }
  const client = new SQSClient({
    ...of,
    ...givenCredentials(account),
    // Longer than a long poll waits.
    requestHandler: { connectionTimeout: 3000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  })

  async function ask<T>(doing: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      throwMissingCredentials(`${doing} ${shownAddress(url)}`, error)
      const { name = '', message = '', $metadata } = error as { name?: string; message?: string; $metadata?: { httpStatusCode?: number } }
      const status = $metadata?.httpStatusCode ?? 0
      const text = `${doing} ${shownAddress(url)}: ${name} ${message} (HTTP ${status || 'no answer'})`
      const passes = status === 0 || status === 429 || status >= 500 || /Throttl/.test(name)
      throw new TributaryError(passes ? 'QUEUE_UNREACHABLE' : 'QUEUE_REFUSED', text, { cause: error })
    }
  }

  const unlessLost = (error: unknown) => {
    if (!lostReceipt.test(String(((error as { cause?: unknown }).cause as { name?: string } | undefined)?.name))) throw error
  }

  return {
    async receive(hiddenSeconds, signal) {
      const command = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 20,
        VisibilityTimeout: hiddenSeconds,
      })
      try {
        const { Messages = [] } = await ask('receiving from', () => client.send(command, { abortSignal: signal }))
        return Messages.map(messageOf)
      } catch (error) {
        if (signal.aborted) return []
        throw error
      }
    },
    hide: ({ receipt }, seconds) =>
      ask('hiding a message of', () =>
        client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receipt, VisibilityTimeout: seconds })),
      ).then(() => undefined, unlessLost),
    delete: ({ receipt }) =>
      ask('deleting a message of', () => client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt }))).then(
        () => undefined,
        unlessLost,
      ),
    close: () => client.destroy(),
  }
}

const messageOf = ({ MessageId, ReceiptHandle, Body }: Message): QueueMessage => ({
  id: MessageId ?? '',
  receipt: ReceiptHandle ?? '',
  body: Body ?? '',
})
