import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { cacheDir } from '../../stack/cache.js'
import {
  endedParts,
  readServices,
  restartEnded,
  type Services,
  type StackOptions,
  stackStatus,
  startStack,
  stopStack,
} from '../../stack/stack.js'
import { stackContract } from '../contracts/stack.js'

const root = process.cwd()
// A blank and a letter outside ASCII: every server must cope with such a folder.
const dataDir = mkdtempSync(join(tmpdir(), 'tributary stäck-'))
const env = { HOME: homedir(), ...process.env }
let steps: string[] = []
const options: StackOptions = { root, dataDir, env, profile: 'test', events: { step: text => steps.push(text) } }

beforeEach(() => {
  steps = []
})
afterEach(() => stopStack(dataDir))
afterAll(() => rmSync(dataDir, { recursive: true }))

/** The S3 client writes into the credentials that it is given: a copy. */
const client = ({ s3 }: Services): S3Client =>
  new S3Client({ endpoint: s3.endpoint, region: s3.region, credentials: { ...s3 }, forcePathStyle: true })

const pids = async (): Promise<Record<string, number | null>> =>
  Object.fromEntries((await stackStatus(dataDir)).parts.map(part => [part.name, part.pid]))

stackContract('processes', {
  kill: async ({ pid }) => void process.kill(pid!, 'SIGKILL'),
  left: async () => [],
})

test('what ends by itself is named and started again by `up`; what is stopped stays so', async () => {
  const services = await startStack(options)
  const before = await pids()
  const up = spawn(join(root, 'tributary'), ['up'], { env: { ...env, TRIBUTARY_DATA_DIR: dataDir }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [up.stdout, up.stderr]) stream.setEncoding('utf8').on('data', text => (said += text))
  const ended = new Promise<number | null>(resolve => up.on('exit', resolve))
  const saying = async (text: string) => {
    const deadline = Date.now() + 60_000
    while (!said.includes(text)) {
      if (Date.now() > deadline || up.exitCode !== null) throw new Error(`up never said ${text}:\n${said}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  await saying('runs until Ctrl-C')
  const { kind } = (await stackStatus(dataDir)).parts.find(part => part.name === 's3')!
  process.kill(before.s3!, 'SIGKILL')
  await saying(`s3 (${kind}) ended; starting it again. The last line of its log: `)
  await saying(`${kind} `)
  await saying('is ready')
  expect(readServices(dataDir)).toEqual(services)
  const after = await pids()
  expect([after.kafka, after.registry]).toEqual([before.kafka, before.registry])
  expect(after.s3).not.toBe(before.s3)
  await stopStack(dataDir)
  expect(await ended).toBe(0)
  expect(said).toContain('the local stack was stopped from elsewhere')
  expect([endedParts(dataDir), await restartEnded(options, () => undefined)]).toEqual([[], null])
})

test('a body of 125 MB that is signed as a whole is stored or refused, and the store lives', async () => {
  const services = await startStack({ ...options, only: ['s3'] })
  const before = await pids()
  const s3 = client(services)
  await s3.send(new CreateBucketCommand({ Bucket: 'bodies' }))
  const put = (key: string, bytes: number) => s3.send(new PutObjectCommand({ Bucket: 'bodies', Key: key, Body: Buffer.alloc(bytes, 'x') }))
  // As boto3 sends put_object, and several at once.
  const ends = await Promise.allSettled([1, 2, 3].map(i => put(`long-${i}`, 125_000_000)))
  for (const end of ends)
    if (end.status === 'rejected')
      expect(end.reason).toMatchObject({ name: 'MaxMessageLengthExceeded', $metadata: { httpStatusCode: 400 } })
  // The largest file of a dataset, and what clients with many threads send of an upload in parts.
  await Promise.all([1, 2].map(i => put(`whole-${i}`, 40 << 20)))
  await Promise.all(Array.from({ length: 10 }, (_, i) => put(`part-${i}`, 8 << 20)))
  const kept = ends.filter(({ status }) => status === 'fulfilled').length
  expect((await s3.send(new ListObjectsV2Command({ Bucket: 'bodies' }))).KeyCount).toBe(kept + 12)
  expect(await pids()).toEqual(before)
  s3.destroy()
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
