import { isTributaryError } from '../schemas/errors.js'
import type { ObjectInfo, ObjectStore } from './object-store.js'
import type { S3Problem } from './s3/patient.js'

/** The objects below a prefix of the bucket of datasets. The first sink makes that bucket: before that nothing is in it, and that is no error. */
export async function* listedObjects(store: ObjectStore, bucket: string, prefix: string, after?: string): AsyncGenerator<ObjectInfo> {
  try {
    yield* store.list(bucket, prefix, after)
  } catch (error) {
    if (!isTributaryError(error, 'S3_REFUSED') || (error.cause as S3Problem | undefined)?.name !== 'NoSuchBucket') throw error
  }
}
