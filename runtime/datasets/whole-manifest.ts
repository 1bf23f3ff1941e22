import { createHash } from 'node:crypto'
import { TributaryError } from '../../schemas/errors.js'
import { type Manifest, parseManifestList } from '../../schemas/manifest.js'

/** With all files in it, also those that lie in objects of their own (see `packManifest`). */
export async function wholeManifest(manifest: Manifest, read: (key: string) => Promise<Buffer | null>): Promise<Manifest> {
  if (manifest.lists.length === 0) return manifest
  const chunks: string[] = []
  const files: Manifest['files'] = []
  for (const { key, sha256 } of manifest.lists) {
    const body = await read(key)
    const found = body === null ? 'nothing' : createHash('sha256').update(body).digest('hex')
    const list = body === null || found !== sha256 ? null : parseManifestList(body.toString())
    if (list === null) throw new TributaryError('S3_CONTENT_DIFFERS', `reading ${key}: there is ${found}, the manifest names ${sha256}`)
    chunks.push(...list.chunks)
    files.push(...list.files)
  }
  return { ...manifest, chunks, files, lists: [] }
}
