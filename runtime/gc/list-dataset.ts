import type { StoredVersion } from '../../sinks/kept-versions.js'
import {
  datasetPrefix,
  indexKey,
  isGcKey,
  manifestKey,
  manifestListVersionOf,
  manifestVersionOf,
  type NamedPiece,
  parsePieceKey,
  pinVersionOf,
} from '../../sinks/naming.js'
import type { DatasetObjects } from '../datasets/dataset-objects.js'
import type { ObjectInfo } from '../object-store.js'

export interface StoredPiece {
  readonly named: NamedPiece
  readonly object: ObjectInfo
}

/** What lies below a dataset's prefix. */
export interface Listing {
  readonly versions: readonly StoredVersion[]
  readonly pieces: readonly StoredPiece[]
  /** Of files, by the number of the manifest that named them first. */
  readonly lists: readonly { readonly version: number; readonly object: ObjectInfo }[]
  /** `manifest.json` and `index.html`, where they are. */
  readonly front: readonly ObjectInfo[]
  readonly unknown: readonly string[]
}

/** Whether a key is one that we make. What merely looks like it (a server's temporary files are listed as `<key>-<uuid>`) is not. */
export function isOurs(dataset: string, key: string): boolean {
  return (
    isFront(dataset, key) ||
    manifestVersionOf(dataset, key) !== null ||
    manifestListVersionOf(dataset, key) !== null ||
    isApart(dataset, key) ||
    pieceOf(dataset, key) !== null
  )
}

/** Pins, and what other runs of `gc` say: read apart, in their turn. */
const isApart = (dataset: string, key: string) => pinVersionOf(dataset, key) !== null || isGcKey(dataset, key)

const isFront = (dataset: string, key: string) => key === manifestKey(dataset) || key === indexKey(dataset)

function pieceOf(dataset: string, key: string): NamedPiece | null {
  const named = parsePieceKey(key)
  return named !== null && named.key === key && named.dataset === dataset ? named : null
}

export async function listDataset(bucket: DatasetObjects, dataset: string, seen: (objects: number) => void): Promise<Listing> {
  const versions: StoredVersion[] = []
  const pieces: StoredPiece[] = []
  const lists: { readonly version: number; readonly object: ObjectInfo }[] = []
  const front: ObjectInfo[] = []
  const unknown: string[] = []
  let objects = 0
  for await (const object of bucket.list(datasetPrefix(dataset))) {
    if (++objects % 1000 === 0) seen(objects)
    const version = manifestVersionOf(dataset, object.key)
    const list = manifestListVersionOf(dataset, object.key)
    const named = pieceOf(dataset, object.key)
    if (version !== null) versions.push({ version, bytes: object.size, modified: object.modified })
    else if (list !== null) lists.push({ version: list, object })
    else if (named !== null) pieces.push({ named, object })
    else if (isFront(dataset, object.key)) front.push(object)
    else if (!isApart(dataset, object.key)) unknown.push(object.key)
  }
  return { versions, pieces, lists, front, unknown }
}
