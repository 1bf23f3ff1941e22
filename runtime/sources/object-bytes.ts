import type { Readable } from 'node:stream'
import type { PlannedObject } from '../../producers/source.js'
import { TributaryError } from '../../schemas/errors.js'
import type { Clock } from '../clock.js'
import type { ObjectStore } from '../object-store.js'
import { type GzipDamage, gzipText } from './gzip-text.js'

const attempts = 6
/** A server that sends nothing for so long has stopped. */
const silenceMs = 20_000

/** The stored bytes from a place on. A broken connection goes on where it stopped, under the same etag: two versions of an object are never mixed. */
async function* storedBytes(store: ObjectStore, object: PlannedObject, clock: Clock, from: number): AsyncGenerator<Buffer> {
  let at = from
  for (let attempt = 1; ; attempt++) {
    const stream = await store.stream(object.bucket, object.key, object.etag, at)
    if (stream === null) throw new TributaryError('SOURCE_CHANGED', `reading s3://${object.bucket}/${object.key}`)
    try {
      for await (const chunk of unlessSilent(stream, clock)) {
        at += chunk.length
        attempt = 1
        yield chunk
      }
      if (at >= object.size) return
    } catch (error) {
      // All of it is there, and to ask for what is behind the last byte is an error of its own (416).
      if (at >= object.size) return
      if (attempt >= attempts)
        throw new TributaryError('S3_UNREACHABLE', `reading s3://${object.bucket}/${object.key} at byte ${at}`, { cause: error })
    }
    if (attempt >= attempts)
      throw new TributaryError('S3_UNREACHABLE', `reading s3://${object.bucket}/${object.key}: it ends at byte ${at} of ${object.size}`)
    await clock.sleep(100 * 2 ** attempt)
  }
}

/** Breaks off a stream that gives nothing. Only what is waited for counts: whoever reads may take a break of any length. */
async function* unlessSilent(stream: Readable, clock: Clock): AsyncGenerator<Buffer> {
  const over = new AbortController()
  let since = clock.monotonic()
  let waiting = true
  const watch = async () => {
    for (let left = silenceMs; left > 0; left = waiting ? since + silenceMs - clock.monotonic() : silenceMs) {
      await clock.sleep(left, over.signal)
      if (over.signal.aborted) return
    }
    stream.destroy(new Error(`nothing came for ${silenceMs / 1000} s`))
  }
  void watch()
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      waiting = false
      yield chunk
      since = clock.monotonic()
      waiting = true
    }
  } finally {
    over.abort()
  }
}

/** The statements' bytes, decompressed; of a gzip object that is damaged or cut off first what is readable, then what is not. */
export async function* objectBytes(
  store: ObjectStore,
  object: PlannedObject,
  clock: Clock,
  onStored: (bytes: number) => void,
): AsyncGenerator<Buffer | GzipDamage> {
  // A damaged member is read again: bytes count once.
  let counted = 0
  const from = async function* (start: number) {
    let at = start
    for await (const chunk of storedBytes(store, object, clock, start)) {
      at += chunk.length
      if (at > counted) onStored(at - counted)
      counted = Math.max(counted, at)
      yield chunk
    }
  }
  yield* object.compression === 'none' ? from(0) : gzipText(from)
}
