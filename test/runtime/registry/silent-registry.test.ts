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
const record = '{"type":"record","name":"Film","fields":[]}'
/** Of every request that is answered, with status 200; null = as a registry without any subject. */
let answer: object | string | null

/** The first request of each path is never answered. */
beforeEach(async () => {
  requests = []
  answer = null
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
    if (answer !== null) return response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
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
  // A slow machine may be later than the answer is waited for, and ask again.
  expect(requests.length).toBeGreaterThanOrEqual(4)
  expect(said.filter(line => line.includes('waiting for the schema registry'))).toHaveLength(2)
})

test('a command gives up after a while, with the error of a registry that does not answer', async () => {
  const registry = confluentRegistry('http://127.0.0.1:9', systemClock, silentLogger, undefined, { waitMs: 100, giveUpMs: 300 })
  const unreachable = {
    code: 'REGISTRY_UNREACHABLE',
    message: expect.stringContaining(
      'registering films-value: no answer for 0.3 s (Confluent_Schema_Registry - Error, status 400: connect ECONNREFUSED',
    ) as string,
  }
  await expect(registry.register('films-value', record)).rejects.toMatchObject(unreachable)
})

test('what is no valid schema is refused at once, and no registry is waited for', async () => {
  const registry = confluentRegistry(url, systemClock, silentLogger)
  for (const schema of ['"string"', 'nonsense', '{"type":"record","name":"Film"}'])
    await expect(registry.register('films-value', schema)).rejects.toMatchObject({ code: 'SCHEMA_REFUSED' })
  expect(requests).toEqual([])
})

test('the compatibility of a subject that is another one is an error, and no registry is waited for', async () => {
  answer = { compatibilityLevel: 'FULL' }
  const registry = confluentRegistry(url, systemClock, silentLogger, undefined, { waitMs: 100 })
  await expect(registry.register('films-value', record)).rejects.toMatchObject({
    code: 'SCHEMA_REFUSED',
    message: expect.stringContaining('BACKWARD != FULL') as string,
  })
})

test.each(['<html>back soon</html>', '{"status":"starting"', ''])('an answer that no registry gives (%j) is waited out', async text => {
  answer = text
  const said: string[] = []
  const logger: Logger = { ...silentLogger, warn: (_, line) => void said.push(line) }
  const registry = confluentRegistry(url, systemClock, logger, undefined, { waitMs: 100, giveUpMs: 600 })
  for (const ask of [() => registry.schema(7), () => registry.find('films-value', record), () => registry.register('films-value', record)])
    await expect(ask()).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' })
  expect(said.filter(line => line.includes('waiting for the schema registry'))).toHaveLength(3)
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
