import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { readConfig } from '../../config.js'
import { s3AddressOf } from '../../runtime/datasets/open-bucket.js'
import { buildManifest, manifestText } from '../../sinks/manifest.js'
import { sampleFile, sampleInput } from '../sinks/sample-manifest.js'
import { folder, run } from './run-argv.js'

const id = 'algebra-2024'
const body = Buffer.from('user_id,score\n1,2\n')
const file = sampleFile(0, 0, { bytes: body.length, rows: 1, sha256: createHash('sha256').update(body).digest('hex') })
const objects: Readonly<Record<string, Buffer>> = {
  [`/shared/${id}/manifest.json`]: Buffer.from(manifestText(buildManifest(sampleInput({ files: [file] })))),
  [`/shared/${file.key}`]: body,
}

/** An object store, and nothing else: no broker, no registry, no local stack. */
let server: Server
const asked: string[] = []
const account = { AWS_ACCESS_KEY_ID: 'reader', AWS_SECRET_ACCESS_KEY: 'secret' }
const before = { ...process.env }
beforeAll(async () => {
  Object.assign(process.env, account)
  server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://s3').pathname
    asked.push(path)
    const found = path === '/shared' || path === '/shared/' ? Buffer.alloc(0) : objects[path]
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' })
    response.end(request.method === 'HEAD' ? undefined : found)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  process.env = before
  server.close()
})
const env = () => ({ ...account, S3_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, DATASETS_BUCKET: 'shared' })

test('a dataset is shown and copied with an object store alone', async () => {
  const shown = await run(['dataset', 'show', id, '--json'], env())
  expect([shown.code, shown.stderr]).toEqual([0, ''])
  expect(JSON.parse(shown.stdout)).toMatchObject({ dataset: id, files: [{ key: file.key }] })

  const to = join(folder, 'copied')
  const copied = await run(['dataset', 'download', id, '--to', to, '--json'], env())
  expect([copied.code, JSON.parse(copied.stdout)]).toEqual([0, { files: [join(to, file.key)], version: 7, contentSha256: null }])
  expect(readFileSync(join(to, file.key))).toEqual(body)
  expect(asked.every(path => path.startsWith('/shared'))).toBe(true)
})

test('a dataset that is not there is one error', async () => {
  const shown = await run(['dataset', 'show', 'geometry'], env())
  expect([shown.code, shown.stderr]).toEqual([1, expect.stringContaining('DATASET_UNKNOWN')])
})

test('the local stack is asked only when no server is named', () => {
  const local = { endpoint: 'http://127.0.0.1:7', region: 'us-east-1', accessKeyId: 'tributary', secretAccessKey: 'local' }
  expect(s3AddressOf(readConfig({}), local)).toBe(local)
  for (const name of ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'S3_ENDPOINT'])
    expect(s3AddressOf(readConfig({ [name]: 'http://elsewhere:9' }), local)).not.toBe(local)
  expect(s3AddressOf(readConfig({}), null)).toMatchObject({ endpoint: '' })
})
