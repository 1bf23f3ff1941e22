import type { Config } from '../../config.js'
import { namedS3, type S3Address, usesLocalStack } from '../addresses.js'
import { systemClock } from '../clock.js'
import { s3Store } from '../s3/s3-store.js'
import type { DatasetBucket } from './dataset-objects.js'

/** The bucket of the datasets alone. */
export function openDatasetBucket(config: Config, local: S3Address | null): DatasetBucket & { close(): void } {
  const store = s3Store(s3AddressOf(config, local), systemClock)
  return { store, config, close: () => store.close() }
}

/**
 * For who asks nothing but the object store: that of the local stack when no server is named and it runs, else the one that is named, and
 * Amazon's where none is. Whoever has a bucket and the right to read it needs no more.
 */
export const s3AddressOf = (config: Config, local: S3Address | null): S3Address =>
  usesLocalStack(config) && local !== null ? local : namedS3(config)
