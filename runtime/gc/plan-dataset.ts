import type { Manifest } from '../../schemas/manifest.js'
import type { Pin } from '../../schemas/pin.js'
import { judgeList, judgePiece, type PieceVerdict, type ShownThen } from '../../sinks/garbage.js'
import { keptVersions } from '../../sinks/kept-versions.js'
import { manifestVersionKey, type NamedPiece } from '../../sinks/naming.js'
import type { ObjectInfo } from '../object-store.js'
import { isRevisionGone, type SpecTable } from '../spec-table.js'
import type { FilesFold } from './files-fold.js'
import type { Listing, StoredPiece } from './list-dataset.js'
import type { KeptManifest, ManifestReader } from './read-manifests.js'
import { addTo, type DatasetSum } from './sum.js'

/** The committed truth, folded after the bucket was listed. */
export interface GcTables {
  readonly specs: SpecTable
  readonly generation: number
  /** Of the own generation and those before it whose topic is still there. */
  readonly files: ReadonlyMap<number, FilesFold>
  /** Topic ids of their `dataset-files`. */
  readonly ids: ReadonlyMap<number, string>
}

/** What is to be done, in this order: no manifest that can be read may list a file that is gone. */
export interface DatasetPlan {
  readonly clear: readonly string[]
  readonly remove: readonly ObjectInfo[]
}

/**
 * Judges everything that was listed of one dataset, and counts it into `sum`. Of the manifests of the last 24 hours only the first and the
 * last are read: what those in between list is told by the log (see `judgePiece`).
 */
export async function planDataset(
  tables: GcTables,
  listing: Listing,
  pins: readonly Pin[],
  manifests: ManifestReader,
  now: number,
  sum: DatasetSum,
): Promise<DatasetPlan> {
  const { id, deleted } = sum
  const shown = await manifests.shown()
  const pinned = await readPinned(pins, manifests)
  const kept = keptVersions(listing.versions, { now, shown: shown?.manifest.version ?? null, deleted, pinned: new Set(pinned.keys()) })
  const lately = await readAll([...new Set([...kept.lately.slice(0, 1), ...kept.lately.slice(-1)])], manifests)
  if (shown !== null && !deleted) lately.push(shown)
  const first = lately.sort((a, b) => a.manifest.version - b.manifest.version)[0]?.manifest ?? null
  const daily = await readAll(kept.daily, manifests)
  const inManifests = new Set(
    [...lately, ...daily, ...pinned.values()].flatMap(({ manifest, lists }) => [...manifest.files.map(file => file.key), ...lists]),
  )
  const newest = Math.max(0, ...listing.versions.map(({ version }) => version))

  const remove: ObjectInfo[] = []
  // Of a deleted dataset nobody writes these any more: they go with the version that they show, and before its files.
  const stays = [...kept.lately, ...kept.daily, ...kept.pinned]
  if (deleted && (shown === null || !stays.includes(shown.manifest.version)))
    for (const object of listing.front) {
      addTo(sum.removed, 'of a dataset that was deleted', object.size)
      remove.push(object)
    }
  for (const piece of listing.pieces) {
    const { garbage, why } = judge(tables, piece, { now, inManifests, first, deleted })
    addTo(garbage ? sum.removed : sum.stays, why, piece.object.size)
    if (garbage) remove.push(piece.object)
  }
  for (const { version, object } of listing.lists) {
    const { garbage, why } = judgeList(version, { now, modified: object.modified, isNamed: inManifests.has(object.key), newest })
    addTo(garbage ? sum.removed : sum.stays, why, object.size)
    if (garbage) remove.push(object)
  }
  sum.manifests.kept = stays.length
  sum.manifests.pinned = pinned.size
  sum.manifests.cleared = kept.cleared.length
  return { clear: kept.cleared.map(version => manifestVersionKey(id, version)), remove }
}

/**
 * The manifests of the versions that are pinned. One that is gone is a promise that was broken: it throws, and nothing of the dataset is
 * touched. A process that only wants to pin it finds out, and has been promised nothing.
 */
async function readPinned(pins: readonly Pin[], manifests: ManifestReader): Promise<ReadonlyMap<number, KeptManifest>> {
  const read = new Map<number, KeptManifest>()
  for (const { version, state } of pins) {
    if (state === 'withdrawn') continue
    const manifest = state === 'pinned' ? await manifests.version(version) : await manifests.found(version)
    if (manifest !== null) read.set(version, manifest)
  }
  return read
}

async function readAll(versions: readonly number[], manifests: ManifestReader): Promise<KeptManifest[]> {
  const read: KeptManifest[] = []
  for (const version of versions) read.push(await manifests.version(version))
  return read
}

interface Known {
  readonly now: number
  readonly inManifests: ReadonlySet<string>
  /** The first manifest of the last 24 hours; null = there is none. */
  readonly first: Manifest | null
  readonly deleted: boolean
}

function judge(tables: GcTables, { named, object }: StoredPiece, { now, inManifests, first, deleted }: Known): PieceVerdict {
  const { generation, dataset, revision, partition } = named
  // A generation that is being made beside ours has tables of its own.
  if (generation > tables.generation) return { garbage: false, why: 'of a generation to come' }
  const fold = tables.files.get(generation)
  // Offsets of a topic that was made anew since tell nothing.
  const then = first?.generation === generation && first.log?.files === tables.ids.get(generation) ? first : null
  return judgePiece(named, {
    now,
    modified: object.modified,
    inManifests,
    files: fold?.files(named) ?? [],
    next: fold?.next(named) ?? 0,
    gone: fold === undefined || deleted || isRevisionGone(tables.specs, dataset, revision),
    shownLately: first !== null && (first.generation < generation || (first.generation === generation && revision >= first.revision)),
    foldedTo: then?.folded[partition] ?? 0,
    shownThen: then?.revision === revision ? shownOf(then, named) : null,
  })
}

function shownOf({ positions, files }: Manifest, { topic, partition }: NamedPiece): ShownThen {
  const counts = files.filter(file => file.partition === partition).map(({ bucket }) => bucket?.of ?? 1)
  return { next: positions.find(position => position.partition === partition)?.next[topic] ?? 0, of: Math.max(1, ...counts) }
}
