import type { Readable } from 'node:stream'

/** One listed object. `etag` without quotes. */
export interface ObjectInfo {
  readonly key: string
  readonly size: number
  readonly etag: string
  /** Upload time, ms since 1970. */
  readonly modified: number
}

/** An upload in parts that was begun and not completed: it takes space and is in no listing. */
export interface OpenUpload {
  readonly key: string
  readonly id: string
  /** ms since 1970. */
  readonly begun: number
}

/** A prefix, ending in `/`, below which more lies. */
export interface ObjectFolder {
  readonly folder: string
}

/**
 * The object-store port. Two implementations pass one contract suite: S3 (`runtime/s3/`) and memory (`runtime/memory/memory-store.ts`).
 * Infrastructure trouble throws a `TributaryError` after bounded retries; absence and lost conditions are values. A bucket that is not there
 * is never the absence of a key: it throws S3_BUCKET_MISSING.
 */
export interface ObjectStore {
  /** Everything below the prefix, in order of the keys' bytes; with `after` only what comes behind that key. */
  list(bucket: string, prefix: string, after?: string): AsyncIterable<ObjectInfo>
  /** What lies below the prefix up to the next `/`, as in a folder of a disk. */
  browse(bucket: string, prefix: string): AsyncIterable<ObjectInfo | ObjectFolder>
  head(bucket: string, key: string): Promise<ObjectInfo | null>
  /** The whole object, or null when there is none. */
  get(bucket: string, key: string): Promise<Buffer | null>
  /** From `from` to the end, only while the object still has this etag; null = it has another or is gone. */
  stream(bucket: string, key: string, etag: string, from: number): Promise<Readable | null>
  put(bucket: string, key: string, body: Buffer, contentType: string): Promise<void>
  /** Writes only when the key is free (`If-None-Match: *`, atomic on every server): false = something is there. */
  create(bucket: string, key: string, body: Buffer, contentType: string): Promise<boolean>
  /**
   * Writes only over what still has this etag, or (null) where nothing is. Resolves with the etag of what is there now; null = somebody else
   * has written. It keeps a writer that is late from undoing what came after it, and is no lock: of two at the same moment both may
   * win on some servers (measured).
   */
  replace(bucket: string, key: string, body: Buffer, contentType: string, etag: string | null): Promise<string | null>
  delete(bucket: string, keys: readonly string[]): Promise<void>
  openUploads(bucket: string, prefix: string): AsyncIterable<OpenUpload>
  /** Drops the parts; one that is gone already is no error. */
  abortUpload(bucket: string, upload: OpenUpload): Promise<void>
  ensureBucket(bucket: string): Promise<void>
}
