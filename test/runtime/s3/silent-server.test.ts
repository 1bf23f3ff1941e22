import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../../runtime/clock.js'
import { s3Store } from '../../../runtime/s3/s3-store.js'

let server: Server
let requests: string[]
let store: ReturnType<typeof s3Store>

/** The first request of each method is never answered, then objects are absent and what is put is taken. The bucket is there. */
beforeEach(async () => {
  requests = []
  server = createServer((request, response) => {
    const method = request.method ?? ''
    if (request.url === '/b' || request.url === '/b/') return response.end()
    const again = requests.includes(method)
    requests.push(method)
    if (!again) return
    request.resume().on('end', () => {
      if (method === 'PUT') response.setHeader('etag', '"e"')
      else response.statusCode = 404
      response.end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const account = { region: 'us-east-1', accessKeyId: 'a', secretAccessKey: 'b' }
  store = s3Store({ endpoint, ...account }, systemClock, 30_000, 200)
})

afterEach(async () => {
  store.close()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

test('a request that is not answered is sent again', async () => {
  expect(await store.head('b', 'k')).toBeNull()
  expect(await store.get('b', 'k')).toBeNull()
  expect(await store.create('b', 'k', Buffer.from('body'), 'text/plain')).toBe(true)
  // On a slow machine the second one may come too late as well.
  expect([...new Set(requests)]).toEqual(['HEAD', 'GET', 'PUT'])
  for (const method of ['HEAD', 'GET', 'PUT']) expect(requests.filter(request => request === method).length).toBeGreaterThan(1)
})
