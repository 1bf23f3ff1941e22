import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { TributaryError } from '../../schemas/errors.js'
import type { Clock } from '../clock.js'
import type { ObjectInfo, ObjectStore } from '../object-store.js'

export interface S3Options {
  /** Empty = Amazon S3. */
  readonly endpoint: string
  readonly region: string
  /** Empty = the SDK looks in its usual places. */
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

interface S3Problem {
  readonly name?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

const unquote = (etag: string | undefined) => (etag ?? '').replace(/"/g, '')
const statusOf = (error: unknown) => (error as S3Problem).$metadata?.httpStatusCode ?? 0

/** Errors after which the same request may succeed: no answer at all, throttling, a server's own trouble, a conflict of concurrent writers. */
const mayPass = (status: number) => status === 0 || status === 409 || status === 429 || status >= 500

/** ObjectStore over any S3 server that honours `If-None-Match: *` and `If-Match`. */
export function s3Store(options: S3Options, clock: Clock, deadlineMs = 30_000): ObjectStore & { close(): void } {
  const client = new S3Client({
    region: options.region,
    ...(options.endpoint ? { endpoint: options.endpoint, forcePathStyle: true } : {}),
    ...(options.accessKeyId ? { credentials: { accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey } } : {}),
    maxAttempts: 1, // retries are ours: they must know about conditions
    requestHandler: {
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets: 16 }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: 16 }),
      connectionTimeout: 3000,
      requestTimeout: 20_000,
    },
  })

  /** `absent` = statuses that are an answer, not a problem: they give null. */
  async function ask<T>(doing: string, call: () => Promise<T>, absent: readonly number[] = []): Promise<T | null> {
    const giveUp = clock.now() + deadlineMs
    for (let wait = 50; ; wait = Math.min(wait * 2, 2000)) {
      try {
        return await call()
      } catch (error) {
        const status = statusOf(error)
        if (absent.includes(status)) return null
        const text = `${doing}: ${(error as S3Problem).name ?? ''} ${(error as S3Problem).message ?? ''} (HTTP ${status || 'no answer'})`
        if (!mayPass(status)) throw new TributaryError('S3_REFUSED', text, { cause: error })
        if (clock.now() + wait > giveUp) throw new TributaryError('S3_UNREACHABLE', text, { cause: error })
        await clock.sleep(wait)
      }
    }
  }

  const where = (bucket: string, key: string) => `s3://${bucket}/${key}`

  return {
    async *list(bucket, prefix) {
      let token: string | undefined
      do {
        const page = await ask(`listing ${where(bucket, prefix)}`, () =>
          client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token ? { ContinuationToken: token } : {}) })),
        )
        for (const o of page!.Contents ?? [])
          yield { key: o.Key!, size: o.Size ?? 0, etag: unquote(o.ETag), modified: o.LastModified?.getTime() ?? 0 }
        token = page!.NextContinuationToken
      } while (token)
    },
    async head(bucket, key): Promise<ObjectInfo | null> {
      const o = await ask(`asking for ${where(bucket, key)}`, () => client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })), [404])
      return o && { key, size: o.ContentLength ?? 0, etag: unquote(o.ETag), modified: o.LastModified?.getTime() ?? 0 }
    },
    get: (bucket, key) =>
      ask(`reading ${where(bucket, key)}`, async () => {
        const o = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        return Buffer.from(await o.Body!.transformToByteArray())
      }, [404]),
    stream: (bucket, key, etag, from) =>
      ask(`reading ${where(bucket, key)}`, async () => {
        const range = from > 0 ? { Range: `bytes=${from}-` } : {}
        const o = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: `"${etag}"`, ...range }))
        return o.Body as Readable
      }, [404, 412]),
    async put(bucket, key, body, contentType) {
      await ask(`writing ${where(bucket, key)}`, () =>
        client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType })),
      )
    },
    async create(bucket, key, body, contentType) {
      const written = await ask(
        `creating ${where(bucket, key)}`,
        () => client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType, IfNoneMatch: '*' })),
        [412],
      )
      return written !== null
    },
    async replace(bucket, key, body, contentType, etag) {
      const condition = etag === null ? { IfNoneMatch: '*' } : { IfMatch: `"${etag}"` }
      const written = await ask(
        `replacing ${where(bucket, key)}`,
        () => client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType, ...condition })),
        [404, 412],
      )
      return written && unquote(written.ETag)
    },
    async delete(bucket, keys) {
      for (let i = 0; i < keys.length; i += 1000)
        await ask(`deleting from ${bucket}`, () =>
          client.send(
            new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys.slice(i, i + 1000).map(Key => ({ Key })), Quiet: true } }),
          ),
        )
    },
    async ensureBucket(bucket) {
      const there = await ask(`asking for bucket ${bucket}`, () => client.send(new HeadBucketCommand({ Bucket: bucket })), [404])
      if (there === null) await ask(`making bucket ${bucket}`, () => client.send(new CreateBucketCommand({ Bucket: bucket })), [409])
    },
    close: () => client.destroy(),
  }
}
