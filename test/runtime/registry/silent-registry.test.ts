import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../../runtime/clock.js'
import { type Logger, silentLogger } from '../../../runtime/logger.js'
import { confluentRegistry } from '../../../runtime/registry/confluent-registry.js'

let server: Server
let requests: string[]
let url: string

/** The first request of each path is never answered. */
beforeEach(async () => {
  requests = []
  server = createServer((request, response) => {
    const path = request.url ?? ''
    const again = requests.includes(path)
    requests.push(path)
    if (!again) return
    response.setHeader('content-type', 'application/json')
    if (path.startsWith('/schemas/ids/')) return response.end(JSON.stringify({ schema: '"string"' }))
    response.statusCode = 404
    return response.end(JSON.stringify({ error_code: 40401, message: 'Subject not found' }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

test('a registry that does not answer a request is asked again, and it is said', async () => {
  const said: string[] = []
  const logger: Logger = { ...silentLogger, warn: (_, text) => void said.push(text) }
  const registry = confluentRegistry(url, systemClock, logger, undefined, { waitMs: 100 })
  expect(await registry.schema(7)).toBe('"string"')
  expect(await registry.find('films-value', '"string"')).toBeNull()
  expect(requests).toHaveLength(4)
  expect(said.filter(line => line.includes('waiting for the schema registry'))).toHaveLength(2)
})

test('a command gives up after a while, with the error of a registry that does not answer', async () => {
  const registry = confluentRegistry('http://127.0.0.1:9', systemClock, silentLogger, undefined, { waitMs: 100, giveUpMs: 300 })
  const unreachable = {
    code: 'REGISTRY_UNREACHABLE',
    message: expect.stringContaining('registering films-value: no answer for 0.3 s') as string,
  }
  await expect(registry.register('films-value', '"string"')).rejects.toMatchObject(unreachable)
})
