import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { PlannedObject } from '../../producers/source.js'
import { TributaryError } from '../../schemas/errors.js'
import type { Clock } from '../clock.js'
import type { ObjectStore } from '../object-store.js'

/** The object's bytes ended or broke before its gzip stream did. */
export const cutOff = Symbol('cut off')

const attempts = 6
/** A server that sends nothing for so long has stopped. */
const silenceMs = 20_000

/** The stored bytes. A broken connection goes on where it stopped, under the same etag: two versions of an object are never mixed. */
async function* storedBytes(store: ObjectStore, object: PlannedObject, clock: Clock): AsyncGenerator<Buffer> {
  let at = 0
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
  let since = clock.now()
  let waiting = true
  const watch = async () => {
    for (let left = silenceMs; left > 0; left = waiting ? since + silenceMs - clock.now() : silenceMs) {
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
      since = clock.now()
      waiting = true
    }
  } finally {
    over.abort()
  }
}

/**
 * The statements' bytes, decompressed (gzip of several members too). Where the gzip stream is damaged or cut off, what was readable
 * comes out and then `cutOff` as the last item.
 */
export async function* objectBytes(
  store: ObjectStore,
  object: PlannedObject,
  clock: Clock,
  onStored: (bytes: number) => void,
): AsyncGenerator<Buffer | typeof cutOff> {
  const counted = async function* () {
    for await (const chunk of storedBytes(store, object, clock)) {
      onStored(chunk.length)
      yield chunk
    }
  }
  if (object.compression === 'none') {
    yield* counted()
    return
  }
  const gunzip = createGunzip()
  const fed = pipeline(Readable.from(counted()), gunzip).catch((error: unknown) => error)
  try {
    yield* gunzip as AsyncIterable<Buffer>
  } catch (error) {
    const reason = (await fed) ?? error
    if (!String((reason as { code?: unknown }).code).startsWith('Z_')) throw reason
    yield cutOff
  }
}
