import type { Bucket } from '../schemas/dataset-files.js'
import { type DatasetTopicId, datasetTopicIds } from '../schemas/topics.js'

/** Everything of one dataset. */
export const datasetPrefix = (dataset: string) => `${dataset}/`

/**
 * Whether a key lies in this dataset, also as the path of a file. Whoever can write to the bucket can write a manifest, and its keys become
 * paths on the disks of those who download.
 */
export function liesIn(dataset: string, key: string): boolean {
  const odd = (part: string) => part === '' || part === '.' || part === '..' || /[\\:\0]/.test(part)
  return key.startsWith(datasetPrefix(dataset)) && !key.split('/').some(odd)
}

/** Everything of one revision, made by one generation: what is removed when the revision goes. */
export const revisionPrefix = (dataset: string, generation: number, revision: number) => `${dataset}/g${generation}-r${revision}/`

export interface PieceName {
  readonly dataset: string
  readonly generation: number
  readonly revision: number
  readonly topic: DatasetTopicId
  readonly partition: number
  readonly firstOffset: number
  readonly lastOffset: number
  /** Of a snapshot. */
  readonly bucket?: Bucket
  /** Of the whole content, hexadecimal. */
  readonly sha256: string
  readonly extension: string
}

/**
 * A file is named by what it contains: written again after a crash it meets itself. Offsets are padded, so a bucket lists them in order:
 * `algebra/g1-r42/events.attempt-p3/00000000000000000012-00000000000000000099-0123456789ab.csv`, and of a snapshot `…/b2of4-000…`, of
 * which the first of several files is `…/b2of4.0-000…`.
 */
export function pieceKey(name: PieceName): string {
  const folder = `${revisionPrefix(name.dataset, name.generation, name.revision)}${name.topic}-p${name.partition}`
  const part = name.bucket === undefined ? '' : `${bucketName(name.bucket)}-`
  return `${folder}/${part}${padded(name.firstOffset, 20)}-${padded(name.lastOffset, 20)}-${name.sha256.slice(0, 12)}.${name.extension}`
}

const bucketName = ({ index, of, part }: Bucket) => `b${index}of${of}${part === undefined ? '' : `.${part}`}`

/** The key of a piece, and what it says. */
export interface NamedPiece extends Omit<PieceName, 'sha256' | 'bucket'> {
  readonly key: string
  readonly bucket: Bucket | null
  /** The first twelve digits. */
  readonly sha256: string
}

const piece =
  /(?:^|\/)([A-Za-z0-9][\w.-]*)\/g(\d+)-r(\d+)\/([a-z.-]+)-p(\d+)\/(?:b(\d+)of(\d+)(?:\.(\d+))?-)?(\d{20})-(\d{20})-([0-9a-f]{12})\.(\w+)$/

/** The piece that a key, a URL or the path of a downloaded file ends in; null = none. */
export function parsePieceKey(text: string): NamedPiece | null {
  const [found, dataset, generation, revision, named, partition, index, of, part, firstOffset, lastOffset, sha256, extension] =
    piece.exec(text) ?? []
  const topic = datasetTopicIds.find(id => id === named)
  if (found === undefined || topic === undefined) return null
  return {
    key: found.replace(/^\//, ''),
    dataset: dataset!,
    generation: Number(generation),
    revision: Number(revision),
    topic,
    partition: Number(partition),
    firstOffset: Number(firstOffset),
    lastOffset: Number(lastOffset),
    bucket: of === undefined ? null : { index: Number(index), of: Number(of), ...(part !== undefined && { part: Number(part) }) },
    sha256: sha256!,
    extension: extension!,
  }
}

/** The truth now. */
export const manifestKey = (dataset: string) => `${dataset}/manifest.json`

/** Every version, for ever; ten digits, so a bucket lists them in order. */
export const manifestVersionsPrefix = (dataset: string) => `${dataset}/manifests/`
export const manifestVersionKey = (dataset: string, version: number) => `${manifestVersionsPrefix(dataset)}${padded(version, 10)}.json`

/** The version that a key of `manifests/` stands for; null for any other key. */
export function manifestVersionOf(dataset: string, key: string): number | null {
  const version = Number.parseInt(key.slice(manifestVersionsPrefix(dataset).length), 10)
  return version >= 0 && key === manifestVersionKey(dataset, version) ? version : null
}

/** Lists of files that do not fit into a manifest. */
export const manifestListsPrefix = (dataset: string) => `${dataset}/lists/`
export interface ListName {
  /** Of the manifest that named it first. */
  readonly version: number
  readonly index: number
  readonly sha256: string
}
export const manifestListKey = (dataset: string, { version, index, sha256 }: ListName) =>
  `${manifestListsPrefix(dataset)}${padded(version, 10)}-${padded(index, 5)}-${sha256.slice(0, 12)}.json`

/** The version in the key of a list; null for any other key. */
export function manifestListVersionOf(dataset: string, key: string): number | null {
  const prefix = manifestListsPrefix(dataset)
  const [, version] = (key.startsWith(prefix) && /^(\d{10})-\d{5}-[0-9a-f]{12}\.json$/.exec(key.slice(prefix.length))) || []
  return version === undefined ? null : Number(version)
}

/** Versions that stay. */
export const pinsPrefix = (dataset: string) => `${dataset}/pins/`
export const pinKey = (dataset: string, version: number) => `${pinsPrefix(dataset)}${padded(version, 10)}.json`
/** The list of the files of a pinned version, beside its pin. */
export const pinListKey = (dataset: string, version: number) => `${pinsPrefix(dataset)}${padded(version, 10)}.sha256`

/** The version that a key of `pins/` stands for; null for any other key. */
export function pinVersionOf(dataset: string, key: string): number | null {
  const version = Number.parseInt(key.slice(pinsPrefix(dataset).length), 10)
  return version >= 0 && (key === pinKey(dataset, version) || key === pinListKey(dataset, version)) ? version : null
}

/** Where `gc` says that it is at work: an object per run. */
export const gcPrefix = (dataset: string) => `${dataset}/gc/`
export const gcKey = (dataset: string, id: string) => `${gcPrefix(dataset)}${id}.json`
export const isGcKey = (dataset: string, key: string) =>
  key.startsWith(gcPrefix(dataset)) && /^[0-9a-f-]{36}\.json$/.test(key.slice(gcPrefix(dataset).length))

export const indexKey = (dataset: string) => `${dataset}/index.html`

/** `base` is the bucket's address; every part of the key is encoded. */
export function objectUrl(base: string, key: string): string {
  return `${base.replace(/\/+$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`
}

const padded = (n: number, digits: number) => String(n).padStart(digits, '0')
