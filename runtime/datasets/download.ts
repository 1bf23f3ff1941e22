import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TributaryError } from '../../schemas/errors.js'
import type { Manifest } from '../../schemas/manifest.js'
import type { Pin } from '../../schemas/pin.js'
import { indexPage } from '../../sinks/index-page.js'
import { manifestText } from '../../sinks/manifest.js'
import { indexKey, liesIn, manifestKey, manifestVersionKey, pinKey } from '../../sinks/naming.js'
import { contentSha256, pinList, pinText } from '../../sinks/pin.js'
import { asDiskFull } from '../state/disk-room.js'
import { type DatasetBucket, type DatasetObjects, datasetObjects } from './dataset-objects.js'
import { shownManifest } from './read.js'
import { readPin, readPins } from './read-pins.js'
import { readVersion } from './read-version.js'
import { unknownDataset } from './unknown-dataset.js'
import { wholeManifest } from './whole-manifest.js'

const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex')

/** Which version: its number, `pinned` for the newest one that is pinned, null for the one that is shown now. */
export type Wanted = number | 'pinned' | null

/**
 * Writes the files of a version, its manifest and page under their keys; of a pinned one also the pin and the list of its files, with which
 * `sha256sum -c` checks them. Files that are there already with the right content are kept.
 */
export async function downloadDataset(
  services: DatasetBucket,
  id: string,
  folder: string,
  onFile: (key: string, done: number, total: number) => void,
  wanted: Wanted = null,
): Promise<{ files: string[]; version: number; contentSha256: string | null }> {
  const objects = datasetObjects(services)
  const read = objects.get
  const { shown, pin } = await wantedVersion(services, objects, id, wanted)
  const manifest = await wholeManifest(shown, read)
  // All before the first is written: a manifest with one such key is not to be trusted in anything.
  for (const key of [manifestKey(id), ...[...shown.lists, ...manifest.files].map(file => file.key)])
    if (!liesIn(id, key))
      throw new TributaryError(
        'S3_CONTENT_DIFFERS',
        `downloading ${id}: its manifest lists ${JSON.stringify(key)}, which does not lie below ${id}/`,
      )
  if (pin !== null && contentSha256(manifest.files) !== pin.contentSha256)
    throw new TributaryError('S3_CONTENT_DIFFERS', `downloading ${id}: the files of version ${pin.version} are not those that were pinned`)
  // As it lies there: written again, one of an older release would have another SHA-256 than its pin says.
  const text = pin === null ? Buffer.from(manifestText(shown)) : (await readVersion(objects, id, pin.version)).text
  if (pin !== null && sha256(text) !== pin.manifest.sha256)
    throw new TributaryError(
      'S3_CONTENT_DIFFERS',
      `downloading ${id}: the manifest of version ${pin.version} is not the one that was pinned`,
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
  await place(join(folder, manifestVersionKey(id, manifest.version)), text)
  await place(join(folder, manifestKey(id)), text)
  await place(join(folder, indexKey(id)), Buffer.from(indexPage(shown, pin === null ? [] : [pin])))
  if (pin !== null) {
    await place(join(folder, pin.list.key), Buffer.from(pinList(manifest.files)))
    await place(join(folder, pinKey(id, pin.version)), Buffer.from(pinText(pin)))
  }
  return { files, version: manifest.version, contentSha256: pin?.contentSha256 ?? null }
}

async function wantedVersion(
  services: DatasetBucket,
  objects: DatasetObjects,
  id: string,
  wanted: Wanted,
): Promise<{ readonly shown: Manifest; readonly pin: Pin | null }> {
  if (wanted === null) {
    const shown = await shownManifest(services, id)
    if (shown === null) throw await unknownDataset(services, id)
    return { shown, pin: await pinned(objects, id, shown.version) }
  }
  const version = wanted === 'pinned' ? await newestPinned(objects, id) : wanted
  return { shown: (await readVersion(objects, id, version)).manifest, pin: await pinned(objects, id, version) }
}

async function pinned(objects: DatasetObjects, id: string, version: number): Promise<Pin | null> {
  const pin = await readPin(objects, id, version)
  return pin?.state === 'pinned' ? pin : null
}

async function newestPinned(objects: DatasetObjects, id: string): Promise<number> {
  const newest = (await readPins(objects, id)).filter(({ state }) => state === 'pinned').at(-1)
  if (newest === undefined) throw new TributaryError('PIN_UNKNOWN', `downloading ${id}: none of its versions`)
  return newest.version
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
