import { cpSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { cacheDir } from '../../stack/cache.js'
import { isFree } from '../../stack/ports.js'
import { readServices, type Services, type StackOptions, stackStatus, startStack, stopStack } from '../../stack/stack.js'

const root = process.cwd()
// A blank and a letter outside ASCII: every server must cope with such a folder.
const dataDir = mkdtempSync(join(tmpdir(), 'tributary stäck-'))
const env = { HOME: homedir(), ...process.env }
let steps: string[] = []
const options: StackOptions = { root, dataDir, env, profile: 'test', events: { step: text => steps.push(text) } }
const started = (): string[] => steps.filter(step => step.includes(' is ready ')).map(step => step.split(' ')[0]!)

beforeEach(() => {
  steps = []
})
afterEach(() => stopStack(dataDir))
afterAll(() => rmSync(dataDir, { recursive: true }))

const subjects = async (services: Services): Promise<unknown> => (await fetch(`${services.registry}/subjects`)).json()

async function fill(services: Services): Promise<void> {
  const body = JSON.stringify({ schema: '"string"' })
  await fetch(`${services.registry}/subjects/some-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const s3 = client(services)
  await s3.send(new CreateBucketCommand({ Bucket: 'some-bucket' }))
  await s3.send(new PutObjectCommand({ Bucket: 'some-bucket', Key: 'folder/ö.txt', Body: 'text' }))
}

const objects = async (services: Services): Promise<unknown> =>
  (await client(services).send(new ListObjectsV2Command({ Bucket: 'some-bucket' }))).Contents?.map(object => object.Key)

/** The S3 client writes into the credentials that it is given: a copy. */
const client = ({ s3 }: Services): S3Client =>
  new S3Client({ endpoint: s3.endpoint, region: s3.region, credentials: { ...s3 }, forcePathStyle: true })

const pids = async (): Promise<Record<string, number | null>> =>
  Object.fromEntries((await stackStatus(dataDir)).parts.map(part => [part.name, part.pid]))

test('starts once, heals what died, stops entirely, and comes back on the same ports', async () => {
  const services = await startStack(options)
  expect(started()).toHaveLength(3)
  const before = await pids()

  await fill(services)

  steps = []
  expect(await Promise.all([startStack(options), startStack(options)])).toEqual([services, services])
  expect([steps, await pids()]).toEqual([[], before])
  expect(readServices(dataDir)).toEqual(services)

  process.kill(before.registry!, 'SIGKILL')
  expect(await startStack(options)).toEqual(services)
  const after = await pids()
  expect(await subjects(services)).toEqual(['some-value'])
  expect(started()).toEqual(['apicurio'])
  expect([after.kafka, after.s3]).toEqual([before.kafka, before.s3])
  expect(after.registry).not.toBe(before.registry)

  expect(await stopStack(dataDir)).toEqual({ stopped: ['kafka', 'registry', 's3'], left: [] })
  const ports = (await stackStatus(dataDir)).parts.flatMap(part => Object.values(part.ports))
  expect(await Promise.all(ports.map(isFree))).toEqual([true, true, true, true, true])
  expect(await stackStatus(dataDir)).toMatchObject({ running: false, services: null })
  expect(readServices(dataDir)).toBeNull()
  expect(await startStack({ ...options, only: ['s3'] })).toEqual(services)
  expect(await objects(services)).toEqual(['folder/ö.txt'])
  expect(await stopStack(dataDir)).toEqual({ stopped: ['s3'], left: [] })
})

test('a broken file in the cache is fetched again, whether its length tells or only its bytes', async () => {
  const copied = mkdtempSync(join(tmpdir(), 'tributary-cache-'))
  const folder = 'kafka-4.3.1'
  const jar = join(copied, folder, 'kafka_2.13-4.3.1.jar')
  const kafkaOnly: StackOptions = { ...options, only: ['kafka'], cacheDir: copied }
  try {
    const warm = join(cacheDir(env), folder)
    if (existsSync(warm)) cpSync(warm, join(copied, folder), { recursive: true })
    truncateSync(jar, 100_000)
    await startStack(kafkaOnly)
    expect(steps).toContainEqual(expect.stringContaining('fetching Apache Kafka'))
    await stopStack(dataDir)

    steps = []
    writeFileSync(jar, Buffer.alloc(statSync(jar).size))
    await startStack(kafkaOnly)
    expect(steps).toContainEqual(expect.stringContaining('checking its files'))
    expect(steps).toContainEqual(expect.stringContaining('fetching Apache Kafka'))
    expect((await stackStatus(dataDir)).parts[0]).toMatchObject({ name: 'kafka', ready: true })
  } finally {
    await stopStack(dataDir) // Before its files go.
    rmSync(copied, { recursive: true })
  }
})
