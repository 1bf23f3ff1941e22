import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../../runtime/clock.js'
import { s3Store } from '../../../runtime/s3/s3-store.js'
import { sqsQueue } from '../../../runtime/s3/sqs-queue.js'

let server: Server
let asked: { readonly key: string; readonly token: string | undefined }[]
let url: string
const before = { ...process.env }

/** Everything is there. */
beforeEach(async () => {
  asked = []
  server = createServer(({ headers }, response) => {
    const key = /Credential=([^/]*)/.exec(headers.authorization ?? '')?.[1] ?? ''
    asked.push({ key, token: headers['x-amz-security-token'] as string | undefined })
    response.end('{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  // What the machine of a developer has is not asked.
  const nowhere = { AWS_EC2_METADATA_DISABLED: 'true', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_CONFIG_FILE: '/dev/null' }
  Object.assign(process.env, nowhere)
})

afterEach(async () => {
  process.env = { ...before }
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

const account = { accessKeyId: '', secretAccessKey: '' }
const open = () => s3Store({ endpoint: url, region: 'us-east-1', ...account }, systemClock)
const openQueue = () => sqsQueue({ url: `${url}/1/uploads`, region: 'us-east-1' })

test('temporary credentials are sent with their session token, to S3 and to SQS', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'ASIATEMPORARY', AWS_SECRET_ACCESS_KEY: 'hidden', AWS_SESSION_TOKEN: 'the token' })
  const [store, queue] = [open(), openQueue()]
  await store.requireCredentials()
  await store.head('bucket', 'key')
  await queue.receive(30, new AbortController().signal)
  expect(asked).toEqual([
    { key: 'ASIATEMPORARY', token: 'the token' },
    { key: 'ASIATEMPORARY', token: 'the token' },
  ])
  store.close()
  queue.close()
})

test('those of the local stack are used whatever the environment says', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'ASIATEMPORARY', AWS_SECRET_ACCESS_KEY: 'hidden', AWS_SESSION_TOKEN: 'the token' })
  const store = s3Store({ endpoint: url, region: 'us-east-1', accessKeyId: 'tributary', secretAccessKey: 'local' }, systemClock)
  await store.head('bucket', 'key')
  expect(asked).toEqual([{ key: 'tributary', token: undefined }])
  store.close()
})

test('without credentials it says so, and asks no server again and again', async () => {
  // A clock that fails the test where it would be waited for.
  const noWaiting = { ...systemClock, sleep: () => Promise.reject(new Error('it waits')) }
  const store = s3Store({ endpoint: url, region: 'us-east-1', ...account }, noWaiting)
  await expect(store.requireCredentials()).rejects.toMatchObject({ code: 'AWS_CREDENTIALS' })
  await expect(store.head('bucket', 'key')).rejects.toMatchObject({ code: 'AWS_CREDENTIALS', retry: true })
  await expect(openQueue().receive(30, new AbortController().signal)).rejects.toMatchObject({ code: 'AWS_CREDENTIALS' })
  expect(asked).toEqual([])
  store.close()
})
