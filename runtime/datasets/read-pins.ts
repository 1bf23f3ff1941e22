import { TributaryError } from '../../schemas/errors.js'
import { type Pin, parsePin } from '../../schemas/pin.js'
import { pinKey, pinsPrefix } from '../../sinks/naming.js'
import { type DatasetBucket, type DatasetObjects, datasetObjects } from './dataset-objects.js'

/** Keys of the pins of a dataset with their etags, ascending by version. */
export async function listPins({ list }: DatasetObjects, dataset: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for await (const { key, etag } of list(pinsPrefix(dataset))) if (key.endsWith('.json')) found.set(key, etag)
  return found
}

/** All pins of a dataset, ascending. One that cannot be understood throws: it is not known what it keeps. */
export async function readPins(objects: DatasetObjects, dataset: string): Promise<readonly Pin[]> {
  const pins: Pin[] = []
  for (const key of (await listPins(objects, dataset)).keys()) {
    const pin = await readPinObject(objects, dataset, key)
    // Removed since it was listed: by the process that had begun it and found that its version is gone.
    if (pin !== null) pins.push(pin)
  }
  return pins
}

/** Of one dataset, or of all in the bucket. Versions that were never pinned are left out: somebody has begun it, and their files were gone. */
export async function pinsOf(bucket: DatasetBucket, dataset: string | null): Promise<readonly Pin[]> {
  const objects = datasetObjects(bucket)
  const datasets: string[] = dataset === null ? [] : [dataset]
  if (dataset === null) for await (const entry of objects.browse('')) if ('folder' in entry) datasets.push(entry.folder.slice(0, -1))
  const pins: Pin[] = []
  for (const id of datasets.sort()) pins.push(...(await readPins(objects, id)))
  return pins.filter(({ state, pinnedAt }) => state !== 'withdrawn' || pinnedAt !== null)
}

export const readPin = (objects: DatasetObjects, dataset: string, version: number) =>
  readPinObject(objects, dataset, pinKey(dataset, version))

async function readPinObject({ get }: DatasetObjects, dataset: string, key: string): Promise<Pin | null> {
  const body = await get(key)
  if (body === null) return null
  const pin = parsePin(body.toString())
  if (pin === null || pin.dataset !== dataset || pinKey(dataset, pin.version) !== key)
    throw new TributaryError('S3_CONTENT_DIFFERS', `reading ${key}: not a pin of this dataset and version`)
  return pin
}
