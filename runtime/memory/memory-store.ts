import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { TributaryError } from '../../schemas/errors.js'
import type { ObjectInfo, ObjectStore, OpenUpload } from '../object-store.js'

interface Held {
  readonly body: Buffer
  readonly info: ObjectInfo
}

/** What only a test can ask of it. */
export interface MemoryStore extends ObjectStore {
  /** An upload in parts whose client has died. */
  leaveUpload(bucket: string, key: string): void
}

/** The object store of simulation and unit tests. `before` is called before every effect and may throw to inject a failure. */
export function memoryStore(now: () => number, before: (effect: string, key: string) => void = () => undefined): MemoryStore {
  const buckets = new Map<string, Map<string, Held>>()
  const uploads = new Map<OpenUpload, string>()
  const bucketOf = (name: string) => {
    const known = buckets.get(name)
    if (known === undefined) throw new TributaryError('S3_BUCKET_MISSING', `there is no bucket ${name}`)
    return known
  }
  const write = (bucket: string, key: string, body: Buffer) => {
    const etag = createHash('md5').update(body).digest('hex')
    bucketOf(bucket).set(key, { body: Buffer.from(body), info: { key, size: body.length, etag, modified: now() } })
  }
  return {
    async *list(bucket, prefix, after = '') {
      before('list', prefix)
      const keys = [...bucketOf(bucket).keys()].filter(key => key.startsWith(prefix) && key > after)
      for (const key of keys.sort()) yield bucketOf(bucket).get(key)!.info
    },
    async *browse(bucket, prefix) {
      before('list', prefix)
      const folders = new Set<string>()
      for (const { info } of bucketOf(bucket).values()) {
        const slash = info.key.indexOf('/', prefix.length)
        if (!info.key.startsWith(prefix)) continue
        if (slash < 0) yield info
        else folders.add(info.key.slice(0, slash + 1))
      }
      for (const folder of folders) yield { folder }
    },
    async head(bucket, key) {
      before('head', key)
      return bucketOf(bucket).get(key)?.info ?? null
    },
    async get(bucket, key) {
      before('get', key)
      const held = bucketOf(bucket).get(key)
      return held ? Buffer.from(held.body) : null
    },
    async stream(bucket, key, etag, from) {
      before('stream', key)
      const held = bucketOf(bucket).get(key)
      return held && held.info.etag === etag ? Readable.from([held.body.subarray(from)]) : null
    },
    async put(bucket, key, body) {
      before('put', key)
      write(bucket, key, body)
    },
    async create(bucket, key, body) {
      before('create', key)
      if (bucketOf(bucket).has(key)) return false
      write(bucket, key, body)
      return true
    },
    async replace(bucket, key, body, _contentType, etag) {
      before('replace', key)
      if ((bucketOf(bucket).get(key)?.info.etag ?? null) !== etag) return null
      write(bucket, key, body)
      return bucketOf(bucket).get(key)!.info.etag
    },
    async delete(bucket, keys) {
      for (const key of keys) {
        before('delete', key)
        bucketOf(bucket).delete(key)
      }
    },
    async *openUploads(bucket, prefix) {
      for (const [upload, where] of [...uploads]) if (where === bucket && upload.key.startsWith(prefix)) yield upload
    },
    async abortUpload(_, { id }) {
      for (const upload of uploads.keys()) if (upload.id === id) uploads.delete(upload)
    },
    leaveUpload(bucket, key) {
      uploads.set({ key, id: `upload ${uploads.size}`, begun: now() }, bucket)
    },
    async ensureBucket(bucket) {
      if (!buckets.has(bucket)) buckets.set(bucket, new Map())
    },
  }
}
