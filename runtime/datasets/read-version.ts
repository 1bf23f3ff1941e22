import { TributaryError } from '../../schemas/errors.js'
import { type Manifest, parseManifest } from '../../schemas/manifest.js'
import { manifestVersionKey } from '../../sinks/naming.js'
import type { DatasetObjects } from './dataset-objects.js'
import { wholeManifest } from './whole-manifest.js'

/** A numbered manifest. */
export interface StoredManifest {
  /** As it lies there. */
  readonly text: Buffer
  readonly manifest: Manifest
  /** With all its files. */
  readonly whole: Manifest
}

/** Throws VERSION_GONE when it is not there, or when `gc` has cleared it. */
export async function readVersion({ get }: DatasetObjects, dataset: string, version: number): Promise<StoredManifest> {
  const key = manifestVersionKey(dataset, version)
  const text = await get(key)
  if (text === null || text.length === 0)
    throw new TributaryError('VERSION_GONE', `reading ${key}: ${text === null ? 'there is none' : '`gc` has cleared it'}`)
  const parsed = parseManifest(text.toString())
  if (!parsed.ok) throw new TributaryError('S3_CONTENT_DIFFERS', `reading ${key}: ${parsed.problem}`)
  return { text, manifest: parsed.manifest, whole: await wholeManifest(parsed.manifest, get) }
}
