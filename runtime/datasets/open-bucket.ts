import type { Config } from '../../config.js'
import { systemClock } from '../clock.js'
import { s3Store } from '../s3/s3-store.js'
import type { Addresses } from '../services.js'
import type { DatasetBucket } from './read.js'

/** The bucket of the datasets alone. */
export function openDatasetBucket(config: Config, local: Addresses['s3'] | null): DatasetBucket & { close(): void } {
  const store = s3Store(s3AddressOf(config, local), systemClock)
  return { store, config, close: () => store.close() }
}

/**
 * For who asks nothing but the object store: that of the local stack when no server is named and it runs, else the one that is named, and
 * Amazon's where none is. Whoever has a bucket and the right to read it needs no more.
 */
export function s3AddressOf(config: Config, local: Addresses['s3'] | null): Addresses['s3'] {
  const named = [config.brokers, config.registry, config.s3Endpoint].some(address => (address ?? '').length > 0)
  if (!named && local !== null) return local
  return {
    endpoint: config.s3Endpoint ?? '',
    region: config.s3Region,
    accessKeyId: config.s3AccessKeyId,
    secretAccessKey: config.s3SecretAccessKey,
  }
}
