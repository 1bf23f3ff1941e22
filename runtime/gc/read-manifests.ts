import { TributaryError } from '../../schemas/errors.js'
import { type Manifest, parseManifest } from '../../schemas/manifest.js'
import { manifestKey, manifestVersionKey } from '../../sinks/naming.js'
import type { DatasetObjects } from '../datasets/dataset-objects.js'
import { wholeManifest } from '../datasets/whole-manifest.js'

/** With all its files, and the objects that list them. */
export interface KeptManifest {
  readonly manifest: Manifest
  readonly lists: readonly string[]
}

export interface ManifestReader {
  /** What `manifest.json` shows; null = nothing is published. */
  shown(): Promise<KeptManifest | null>
  version(version: number): Promise<KeptManifest>
  /** Null = it is not there, or was cleared. */
  found(version: number): Promise<KeptManifest | null>
}

/** A manifest that cannot be understood throws: nobody knows what it lists. */
export function manifestReader({ get }: DatasetObjects, dataset: string): ManifestReader {
  const read = async (key: string, clearedIsNone = false): Promise<KeptManifest | null> => {
    const body = await get(key)
    if (body === null) return null
    if (body.length === 0 && clearedIsNone) return null
    const parsed = parseManifest(body.toString())
    if (!parsed.ok) throw new TributaryError('S3_CONTENT_DIFFERS', `reading ${key}: ${parsed.problem}`)
    return {
      manifest: await wholeManifest(parsed.manifest, get),
      lists: parsed.manifest.lists.map(list => list.key),
    }
  }
  return {
    shown: () => read(manifestKey(dataset)),
    found: version => read(manifestVersionKey(dataset, version), true),
    async version(version) {
      const key = manifestVersionKey(dataset, version)
      const manifest = await read(key)
      if (manifest === null) throw new TributaryError('S3_CONTENT_DIFFERS', `reading ${key}: it was listed, and is gone`)
      return manifest
    },
  }
}
