import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../../runtime/clock.js'
import { type Logger, silentLogger } from '../../../runtime/logger.js'
import { confluentRegistry } from '../../../runtime/registry/confluent-registry.js'

let server: Server
let requests: string[]
let authorizations: Set<string | undefined>
let url: string

const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`
const refused = basic('ann:wrong word')

/** The first request of each path is never answered. */
beforeEach(async () => {
  requests = []
  authorizations = new Set()
  server = createServer((request, response) => {
    const path = request.url ?? ''
    const again = requests.includes(path)
    requests.push(path)
    authorizations.add(request.headers.authorization)
    if (!again) return
    response.setHeader('content-type', 'application/json')
    if (request.headers.authorization === refused) response.statusCode = 401
    if (response.statusCode === 401) return response.end(JSON.stringify({ error_code: 401, message: 'who are you' }))
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

test('a login in the URL is sent as a header with every request, and seen nowhere', async () => {
  const said: string[] = []
  const logger: Logger = { ...silentLogger, warn: (fields, text) => void said.push(JSON.stringify(fields), text) }
  const registry = confluentRegistry(url.replace('//', '//ann:s%40me%20word@'), systemClock, logger, undefined, { waitMs: 100 })
  expect(await registry.schema(7)).toBe('"string"')
  expect(await registry.find('films-value', '"string"')).toBeNull()
  expect([...authorizations]).toEqual([basic('ann:s@me word')])
  expect(said.length).toBeGreaterThan(0)
  for (const secret of ['ann', 's@me', 's%40me']) expect(said.join()).not.toContain(secret)
})

test('a login that is refused is an error of its own, for every request', async () => {
  const registry = confluentRegistry(url.replace('//', '//ann:wrong%20word@'), systemClock, silentLogger, undefined, { waitMs: 100 })
  const record = '{"type":"record","name":"Film","fields":[]}'
  for (const ask of [
    () => registry.schema(7),
    () => registry.find('films-value', '"string"'),
    () => registry.register('films-value', record),
  ]) {
    const error = (await ask().catch((found: unknown) => found)) as Error
    expect(error).toMatchObject({ code: 'REGISTRY_REFUSED' })
    expect(error.message).not.toContain('wrong')
  }
})
