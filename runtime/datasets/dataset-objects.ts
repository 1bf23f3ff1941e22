import { isTributaryError } from '../../schemas/errors.js'
import type { ObjectFolder, ObjectInfo, OpenUpload } from '../object-store.js'
import type { Services } from '../services.js'

/** Who only reads what is published needs neither Kafka nor the registry. */
export type DatasetBucket = Pick<Services, 'store' | 'config'>

/** What can be read of the bucket of datasets. */
export interface DatasetObjects {
  /** The whole object, or null when there is none. */
  get(key: string): Promise<Buffer | null>
  list(prefix: string, after?: string): AsyncGenerator<ObjectInfo>
  browse(prefix: string): AsyncGenerator<ObjectInfo | ObjectFolder>
  openUploads(prefix: string): AsyncGenerator<OpenUpload>
}

/**
 * The first sink makes the bucket of datasets: until then it holds nothing, and to look is no error. This is the one bucket of which that is
 * true; an access that is refused is an error here, too.
 */
export function datasetObjects({ store, config: { datasetsBucket: bucket } }: DatasetBucket): DatasetObjects {
  return {
    get: key =>
      store.get(bucket, key).catch(error => {
        if (isTributaryError(error, 'S3_BUCKET_MISSING')) return null
        throw error
      }),
    list: (prefix, after) => unlessMissing(store.list(bucket, prefix, after)),
    browse: prefix => unlessMissing(store.browse(bucket, prefix)),
    openUploads: prefix => unlessMissing(store.openUploads(bucket, prefix)),
  }
}

async function* unlessMissing<T>(found: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* found
  } catch (error) {
    if (!isTributaryError(error, 'S3_BUCKET_MISSING')) throw error
  }
}
