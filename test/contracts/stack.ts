import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { isFree } from '../../stack/ports.js'
import {
  type PartStatus,
  readServices,
  type Services,
  type StackKind,
  type StackOptions,
  stackStatus,
  startStack,
  stopStack,
} from '../../stack/stack.js'
import { withAdmin } from '../driver/cluster-admin.js'

/** What holds for servers that run as processes and as containers alike. */
export function stackContract(
  kind: StackKind,
  its: {
    /** Ends it at once, as a machine without memory does. */
    kill(part: PartStatus): Promise<void>
    /** What is left when it is stopped, beside its data. */
    left(): Promise<readonly string[]>
  },
): void {
  describe(`the local stack as ${kind}`, () => {
    // A blank and a letter outside ASCII: every server must cope with such a folder.
    const dataDir = mkdtempSync(join(tmpdir(), 'tributary stäck-'))
    const steps: string[] = []
    const options: StackOptions = {
      root: process.cwd(),
      dataDir,
      env: { HOME: homedir(), ...process.env },
      kind,
      profile: 'test',
      events: { step: text => steps.push(text) },
    }
    /** In this start. */
    const started = () => steps.splice(0).flatMap(step => /^(\S+) \S+ is ready /.exec(step)?.[1] ?? [])
    const runs = async () => Object.fromEntries((await stackStatus(dataDir)).parts.map(part => [part.name, part]))

    afterAll(async () => {
      await stopStack(dataDir)
      rmSync(dataDir, { recursive: true })
    })

    test('starts once, heals what died, stops entirely, and comes back on the same ports with its data', async () => {
      const services = await startStack(options)
      expect(started()).toHaveLength(3)
      const before = await runs()
      await fill(services)

      expect(await Promise.all([startStack(options), startStack({ ...options, kind: null })])).toEqual([services, services])
      expect([started(), await runs()]).toEqual([[], before])
      expect(readServices(dataDir)).toEqual(services)

      await its.kill(before.registry!)
      expect((await runs()).registry).toMatchObject({ ready: false })
      expect(await startStack({ ...options, kind: null })).toEqual(services)
      expect(started()).toEqual(['apicurio'])
      expect(await holds(services)).toEqual({ subjects: ['some-value'], objects: ['folder/ö.txt'], topics: ['some-topic'] })
      const after = await runs()
      expect([after.kafka, after.s3]).toEqual([before.kafka, before.s3])

      expect(await stopStack(dataDir)).toEqual({ stopped: ['kafka', 'registry', 's3'], left: [] })
      const ports = (await stackStatus(dataDir)).parts.flatMap(part => Object.values(part.ports))
      expect(await Promise.all(ports.map(isFree))).toEqual(ports.map(() => true))
      expect(await stackStatus(dataDir)).toMatchObject({ running: false, services: null })
      expect([readServices(dataDir), await its.left()]).toEqual([null, []])

      expect(await startStack({ ...options, only: ['kafka', 's3'] })).toEqual(services)
      expect(await holds(services)).toMatchObject({ objects: ['folder/ö.txt'], topics: ['some-topic'] })
      expect(await stopStack(dataDir)).toEqual({ stopped: ['kafka', 's3'], left: [] })
    })

    test('a fresh start has none of the data', async () => {
      const services = await startStack({ ...options, fresh: true })
      expect(await holds(services)).toEqual({ subjects: [], objects: null, topics: [] })
      await stopStack(dataDir)
    })

    test('it is not started as the other kind while it runs', async () => {
      await startStack({ ...options, only: ['s3'] })
      const other = kind === 'docker' ? 'processes' : 'docker'
      await expect(startStack({ ...options, kind: other })).rejects.toMatchObject({ code: 'STORE_UNUSABLE' })
      await stopStack(dataDir)
    })
  })
}

async function fill(services: Services): Promise<void> {
  const body = JSON.stringify({ schema: '"string"' })
  const headers = { 'content-type': 'application/json' }
  await fetch(`${services.registry}/subjects/some-value/versions`, { method: 'POST', headers, body })
  await withS3(services, async s3 => {
    await s3.send(new CreateBucketCommand({ Bucket: 'some-bucket' }))
    await s3.send(new PutObjectCommand({ Bucket: 'some-bucket', Key: 'folder/ö.txt', Body: 'text' }))
  })
  await withAdmin(services.brokers, admin => admin.createTopics({ topics: [{ topic: 'some-topic', numPartitions: 1 }] }))
}

/** What is in them; null = no such bucket. */
async function holds(services: Services) {
  const subjects: unknown = await fetch(`${services.registry}/subjects`).then(
    answer => answer.json(),
    () => null,
  )
  const objects = await withS3(services, s3 => s3.send(new ListObjectsV2Command({ Bucket: 'some-bucket' }))).then(
    ({ Contents = [] }) => Contents.map(({ Key }) => Key),
    (error: Error) => {
      if (error.name !== 'NoSuchBucket') throw error
      return null
    },
  )
  const topics = await withAdmin(services.brokers, admin => admin.listTopics())
  return { subjects, objects, topics: topics.filter(name => !name.startsWith('__')) }
}

async function withS3<T>({ s3 }: Services, ask: (client: S3Client) => Promise<T>): Promise<T> {
  // The client writes into the credentials that it is given: a copy.
  const client = new S3Client({ endpoint: s3.endpoint, region: s3.region, credentials: { ...s3 }, forcePathStyle: true })
  try {
    return await ask(client)
  } finally {
    client.destroy()
  }
}
