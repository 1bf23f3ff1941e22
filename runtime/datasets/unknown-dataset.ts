import { TributaryError } from '../../schemas/errors.js'
import type { Manifest } from '../../schemas/manifest.js'
import { nearestFew } from '../../schemas/nearest.js'
import { type DatasetBucket, datasetObjects } from './dataset-objects.js'
import { readManifest } from './read.js'

const mostShown = 5

/** Of a dataset without a manifest, with the names that are nearest to it: published ones, which S3 alone tells. */
export async function unknownDataset(bucket: DatasetBucket, id: string): Promise<TributaryError> {
  const published: string[] = []
  for await (const entry of datasetObjects(bucket).browse('')) if ('folder' in entry) published.push(entry.folder.slice(0, -1))
  const near = nearestFew(id, published, mostShown)
  const hint = near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''
  return new TributaryError('DATASET_UNKNOWN', `${id} has no manifest in s3://${bucket.config.datasetsBucket}${hint}`)
}

/** The manifest as it is shown now, with all its files; throws DATASET_UNKNOWN where there is none. */
export async function knownManifest(bucket: DatasetBucket, id: string): Promise<Manifest> {
  const found = await readManifest(bucket, id)
  if (found === null) throw await unknownDataset(bucket, id)
  return found
}
