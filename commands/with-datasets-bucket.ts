import type { DatasetBucket } from '../runtime/datasets/dataset-objects.js'
import type { App } from './command.js'

/** Lends the bucket of the datasets alone: who was given a dataset can show and copy it where neither Kafka nor the registry can be reached. */
export async function withDatasetsBucket<T>(app: App, use: (bucket: DatasetBucket) => Promise<T>): Promise<T> {
  const [{ openDatasetBucket }, { readObjectStore }] = await Promise.all([
    import('../runtime/datasets/open-bucket.js'),
    import('../stack/stack.js'),
  ])
  const config = app.config()
  const bucket = openDatasetBucket(config, readObjectStore(config.dataDir))
  try {
    return await use(bucket)
  } finally {
    bucket.close()
  }
}
