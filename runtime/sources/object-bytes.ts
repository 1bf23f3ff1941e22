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

/** The stored bytes. A broken connection goes on where it stopped, under the same etag: two versions of an object are never mixed. */
async function* storedBytes(store: ObjectStore, object: PlannedObject, clock: Clock): AsyncGenerator<Buffer> {
  let at = 0
  for (let attempt = 1; ; attempt++) {
    const stream = await store.stream(object.bucket, object.key, object.etag, at)
    if (stream === null) throw new TributaryError('SOURCE_CHANGED', `reading s3://${object.bucket}/${object.key}`)
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
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
