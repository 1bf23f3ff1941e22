import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TributaryError } from '../../schemas/errors.js'
import { indexPage } from '../../sinks/index-page.js'
import { manifestText } from '../../sinks/manifest.js'
import { indexKey, liesIn, manifestKey, manifestVersionKey } from '../../sinks/naming.js'
import { asDiskFull } from '../state/disk-room.js'
import { type DatasetBucket, datasetObjects } from './dataset-objects.js'
import { shownManifest } from './read.js'
import { unknownDataset } from './unknown-dataset.js'
import { wholeManifest } from './whole-manifest.js'

const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex')

/** Writes the files of the manifest, the manifest and its page under their keys. Files that are there already with the right content are kept. */
export async function downloadDataset(
  services: DatasetBucket,
  id: string,
  folder: string,
  onFile: (key: string, done: number, total: number) => void,
): Promise<{ files: string[] }> {
  const read = datasetObjects(services).get
  const shown = await shownManifest(services, id)
  if (shown === null) throw await unknownDataset(services, id)
  const manifest = await wholeManifest(shown, read)
  // All before the first is written: a manifest with one such key is not to be trusted in anything.
  for (const key of [manifestKey(id), ...[...shown.lists, ...manifest.files].map(file => file.key)])
    if (!liesIn(id, key))
      throw new TributaryError(
        'S3_CONTENT_DIFFERS',
        `downloading ${id}: its manifest lists ${JSON.stringify(key)}, which does not lie below ${id}/`,
      )
  const files: string[] = []
  for (const [i, file] of manifest.files.entries()) {
    const path = join(folder, file.key)
    const there = await readFile(path).catch(() => null)
    if (there === null || sha256(there) !== file.sha256) {
      const body = await read(file.key)
      if (body === null || sha256(body) !== file.sha256)
        throw new TributaryError('S3_CONTENT_DIFFERS', `downloading ${file.key}: not what the manifest lists`)
      await place(path, body)
    }
    files.push(path)
    onFile(file.key, i + 1, manifest.files.length)
  }
  // All that the page links to: it opens from the disk as it does from S3.
  for (const { key } of shown.lists) await place(join(folder, key), (await read(key))!)
  const text = Buffer.from(manifestText(shown))
  await place(join(folder, manifestVersionKey(id, manifest.version)), text)
  await place(join(folder, manifestKey(id)), text)
  await place(join(folder, indexKey(id)), Buffer.from(indexPage(shown)))
  return { files }
}

/** A file is there whole or not at all. */
async function place(path: string, body: Buffer): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(`${path}.part`, body)
    await rename(`${path}.part`, path)
  } catch (error) {
    await rm(`${path}.part`, { force: true })
    throw asDiskFull(error, path)
  }
}
