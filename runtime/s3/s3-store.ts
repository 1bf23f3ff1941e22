import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import {
  type _Object,
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import type { S3Address } from '../addresses.js'
import type { Clock } from '../clock.js'
import type { ObjectInfo, ObjectStore } from '../object-store.js'
import { givenCredentials, throwMissingCredentials } from './credentials.js'
import { patient } from './patient.js'

const unquote = (etag: string | undefined) => (etag ?? '').replace(/"/g, '')
const infoOf = ({ Key, Size, ETag, LastModified }: _Object): ObjectInfo => ({
  key: Key!,
  size: Size ?? 0,
  etag: unquote(ETag),
  modified: LastModified?.getTime() ?? 0,
})

/** From a request to the beginning of its answer. */
const answerLimitMs = 20_000
/** A body may take a second longer for each of these. */
const slowestBytesPerSecond = 1_000_000
/** No object that is read whole is larger: they are ours. */
const largestBytes = 64 << 20

export interface S3Store extends ObjectStore {
  /** Throws AWS_CREDENTIALS where there are none. Asks no object store. */
  requireCredentials(): Promise<void>
  close(): void
}

/** ObjectStore over any S3 server that honours `If-None-Match: *` and `If-Match`. */
export function s3Store(options: S3Address, clock: Clock, deadlineMs = 30_000, answerMs = answerLimitMs): S3Store {
  const client = new S3Client({
    region: options.region,
    ...(options.endpoint ? { endpoint: options.endpoint, forcePathStyle: true } : {}),
    ...givenCredentials(options),
    maxAttempts: 1, // retries are ours: they must know about conditions
    requestHandler: {
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets: 16 }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: 16 }),
      connectionTimeout: 3000,
      requestTimeout: answerMs,
      // Without it a request that takes longer is told on the console, and waited for for ever.
      throwOnRequestTimeout: true,
    },
  })
  const withBody = (bytes: number) => answerMs + Math.ceil((bytes / slowestBytesPerSecond) * 1000)
  const putting = (body: Buffer) => ({ requestTimeout: withBody(body.length) })

  const ask = patient(clock, deadlineMs)
  const where = (bucket: string, key: string) => `s3://${bucket}/${key}`

  /** Null means that the key is not there. A 404 of a bucket that is not there says nothing about any key: deleting messages on it would lose them. */
  async function unlessNoBucket<T>(bucket: string, doing: string, found: Promise<T | null>): Promise<T | null> {
    const value = await found
    if (value === null && !(await bucketIsThere(bucket)))
      throw new TributaryError('S3_BUCKET_MISSING', `${doing}: there is no bucket ${bucket}`)
    return value
  }
  const headBucket = (bucket: string) =>
    ask(`asking for bucket ${bucket}`, () => client.send(new HeadBucketCommand({ Bucket: bucket })), [404])
  /** Any other refusal is about a bucket that is there: who may read keys need not be allowed to ask for it. */
  const bucketIsThere = (bucket: string) =>
    headBucket(bucket).then(
      there => there !== null,
      error => {
        if (isTributaryError(error, 'S3_REFUSED')) return true
        throw error
      },
    )

  async function* pages(bucket: string, prefix: string, more: Pick<ListObjectsV2CommandInput, 'StartAfter' | 'Delimiter'>) {
    let token: string | undefined
    do {
      const request = { Bucket: bucket, Prefix: prefix, ...more, ...(token ? { ContinuationToken: token } : {}) }
      const page = await ask(`listing ${where(bucket, prefix)}`, () => client.send(new ListObjectsV2Command(request)))
      yield page!
      token = page!.NextContinuationToken
    } while (token)
  }

  return {
    async *list(bucket, prefix, after) {
      for await (const { Contents = [] } of pages(bucket, prefix, after ? { StartAfter: after } : {})) yield* Contents.map(infoOf)
    },
    async *browse(bucket, prefix) {
      for await (const { Contents = [], CommonPrefixes = [] } of pages(bucket, prefix, { Delimiter: '/' })) {
        yield* Contents.map(infoOf)
        for (const { Prefix } of CommonPrefixes) yield { folder: Prefix! }
      }
    },
    async head(bucket, key): Promise<ObjectInfo | null> {
      const doing = `asking for ${where(bucket, key)}`
      const asked = ask(doing, () => client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })), [404])
      const o = await unlessNoBucket(bucket, doing, asked)
      return o && { key, size: o.ContentLength ?? 0, etag: unquote(o.ETag), modified: o.LastModified?.getTime() ?? 0 }
    },
    get(bucket, key) {
      const doing = `reading ${where(bucket, key)}`
      const asked = ask(doing, async () => {
        const abortSignal = AbortSignal.timeout(withBody(largestBytes))
        const o = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal })
        return Buffer.from(await o.Body!.transformToByteArray())
      }, [404])
      return unlessNoBucket(bucket, doing, asked)
    },
    stream(bucket, key, etag, from) {
      const doing = `reading ${where(bucket, key)}`
      const asked = ask(doing, async () => {
        const range = from > 0 ? { Range: `bytes=${from}-` } : {}
        const o = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: `"${etag}"`, ...range }))
        return o.Body as Readable
      }, [404, 412])
      return unlessNoBucket(bucket, doing, asked)
    },
    async put(bucket, key, body, contentType) {
      await ask(`writing ${where(bucket, key)}`, () =>
        client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }), putting(body)),
      )
    },
    async create(bucket, key, body, contentType) {
      const written = await ask(
        `creating ${where(bucket, key)}`,
        () =>
          client.send(
            new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType, IfNoneMatch: '*' }),
            putting(body),
          ),
        [412],
      )
      return written !== null
    },
    async replace(bucket, key, body, contentType, etag) {
      const condition = etag === null ? { IfNoneMatch: '*' } : { IfMatch: `"${etag}"` }
      const doing = `replacing ${where(bucket, key)}`
      const asked = ask(
        doing,
        () =>
          client.send(
            new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType, ...condition }),
            putting(body),
          ),
        [404, 412],
      )
      const written = await unlessNoBucket(bucket, doing, asked)
      return written && unquote(written.ETag)
    },
    async delete(bucket, keys) {
      for (let i = 0; i < keys.length; i += 1000) {
        const objects = keys.slice(i, i + 1000).map(Key => ({ Key }))
        const answer = await ask(`deleting from ${bucket}`, () =>
          client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } })),
        )
        // The request succeeds even when every single object is refused.
        const [refused] = answer?.Errors ?? []
        if (refused !== undefined)
          throw new TributaryError(
            'S3_REFUSED',
            `deleting ${where(bucket, refused.Key ?? '')}: ${refused.Code ?? ''} ${refused.Message ?? ''}`,
          )
      }
    },
    async *openUploads(bucket, prefix) {
      let marker: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } = {}
      for (let more = true; more; ) {
        const request = { Bucket: bucket, Prefix: prefix, ...marker }
        const page: ListMultipartUploadsCommandOutput | null = await ask(`listing open uploads of ${where(bucket, prefix)}`, () =>
          client.send(new ListMultipartUploadsCommand(request)),
        )
        for (const upload of page!.Uploads ?? []) yield { key: upload.Key!, id: upload.UploadId!, begun: upload.Initiated?.getTime() ?? 0 }
        more = page!.IsTruncated === true
        marker = { KeyMarker: page!.NextKeyMarker ?? '', UploadIdMarker: page!.NextUploadIdMarker ?? '' }
      }
    },
    async abortUpload(bucket, { key, id }) {
      await ask(
        `aborting an upload of ${where(bucket, key)}`,
        () => client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: id })),
        [404],
      )
    },
    async ensureBucket(bucket) {
      if ((await headBucket(bucket)) === null)
        await ask(`making bucket ${bucket}`, () => client.send(new CreateBucketCommand({ Bucket: bucket })), [409])
    },
    requireCredentials: () =>
      client.config.credentials().then(
        () => undefined,
        error => {
          throwMissingCredentials('looking for AWS credentials', error)
          throw error
        },
      ),
    close: () => client.destroy(),
  }
}
