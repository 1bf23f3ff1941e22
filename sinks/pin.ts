import { createHash } from 'node:crypto'
import type { Manifest, ManifestFile } from '../schemas/manifest.js'
import type { Pin } from '../schemas/pin.js'
import { citation } from './citation.js'
import { manifestVersionKey, pinListKey } from './naming.js'

const sha256 = (body: Buffer | string) => createHash('sha256').update(body).digest('hex')

/**
 * The files of a version as `sha256sum` writes them: `<sha256>  <key>`, a line each, in order of the keys' bytes. The SHA-256 of this text
 * is the content hash of the version: who has the files can compute it with stock tools (docs/citing.md). Frozen.
 */
export function pinList(files: readonly Pick<ManifestFile, 'key' | 'sha256'>[]): string {
  const lines = [...files].sort((a, b) => (a.key < b.key ? -1 : 1)).map(file => `${file.sha256}  ${file.key}\n`)
  return lines.join('')
}

/** See `pinList`. */
export const contentSha256 = (files: readonly Pick<ManifestFile, 'key' | 'sha256'>[]) => sha256(pinList(files))

/** A pin that is begun. `text`: of the numbered manifest as it lies there; `whole`: the same with all its files. */
export function makePin(text: Buffer, whole: Manifest, note: string | null): Pin {
  const { dataset, version, files, counts } = whole
  const list = pinList(files)
  return {
    dataset,
    version,
    state: 'pinning',
    pinnedAt: null,
    contentSha256: sha256(list),
    list: { key: pinListKey(dataset, version), bytes: Buffer.byteLength(list) },
    manifest: { key: manifestVersionKey(dataset, version), bytes: text.length, sha256: sha256(text) },
    files: files.length,
    rows: counts.rows,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    citation: citation(whole),
    note,
    withdrawn: null,
  }
}

export const pinText = (pin: Pin) => `${JSON.stringify(pin, null, 2)}\n`

/** Of the same files, by the same manifest. */
export const isSamePin = (a: Pin, b: Pin) => a.contentSha256 === b.contentSha256 && a.manifest.sha256 === b.manifest.sha256
