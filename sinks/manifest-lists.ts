import { createHash } from 'node:crypto'
import type { Manifest, ManifestFile, ManifestList } from '../schemas/manifest.js'
import { manifestListKey, objectUrl } from './naming.js'

/** So many files stand in the manifest itself: about 2.5 MB. Beyond, readers of the old manifest could not load it every few seconds either. */
export const mostInline = 5_000
const perList = 1_000

/** A list object that is not there yet. It is uploaded before the manifest that names it. */
export interface NewList {
  readonly key: string
  readonly body: Buffer
}

/** Lists that were made before, by their first file: of the same files the same list is made, and none of them has to be looked into. */
export type KnownLists = Map<ManifestFile, { readonly files: readonly ManifestFile[]; readonly list: ManifestList }>

export interface PackedManifest {
  readonly manifest: Manifest
  readonly lists: readonly NewList[]
}

/**
 * Moves a long list of files out of the manifest, into objects that it names. Each has up to a thousand files of one partition, in order. New
 * files come at the end of a partition, and only there neighbours merge, so of a large dataset most lists stay as they are: those that
 * `last` names are named again.
 *
 * A key holds the number of the manifest that named it first: once that number is taken by another manifest nobody will ever name it.
 */
export function packManifest(
  whole: Manifest,
  last: Manifest | null,
  baseUrl: string,
  most = mostInline,
  made: KnownLists = new Map(),
): PackedManifest {
  if (whole.files.length <= most) return { manifest: whole, lists: [] }
  const known = new Map((last?.lists ?? []).map(list => [list.sha256, list.key]))
  const fresh: NewList[] = []
  const before = new Map(made)
  made.clear()
  const lists = slices(whole.files, Math.min(perList, most)).map((files): ManifestList => {
    const same = before.get(files[0]!)
    const list =
      same !== undefined && known.get(same.list.sha256) === same.list.key && isSame(same.files, files) ? same.list : listOf(files)
    made.set(files[0]!, { files, list })
    return list
  })
  return { manifest: { ...whole, chunks: [], files: [], lists }, lists: fresh }

  function listOf(files: readonly ManifestFile[]): ManifestList {
    const body = Buffer.from(listText(files))
    const sha256 = createHash('sha256').update(body).digest('hex')
    const key = known.get(sha256) ?? manifestListKey(whole.dataset, { version: whole.version, index: fresh.length, sha256 })
    if (!known.has(sha256)) fresh.push({ key, body })
    const sum = (of: (file: ManifestFile) => number) => files.reduce((total, file) => total + of(file), 0)
    const has = { files: files.length, rows: sum(file => file.rows), fileBytes: sum(file => file.bytes) }
    return { url: objectUrl(baseUrl, key), key, bytes: body.length, sha256, ...has }
  }
}

const isSame = (a: readonly ManifestFile[], b: readonly ManifestFile[]) => a.length === b.length && a.every((file, i) => file === b[i])

/** All files, wherever they are listed. */
export function fileCounts({ files, lists }: Manifest): { readonly files: number; readonly bytes: number } {
  return {
    files: lists.reduce((sum, list) => sum + list.files, files.length),
    bytes: lists.reduce(
      (sum, list) => sum + list.fileBytes,
      files.reduce((sum, file) => sum + file.bytes, 0),
    ),
  }
}

/** One line per file, as in the manifest. */
function listText(files: readonly ManifestFile[]): string {
  const lines = (values: readonly unknown[]) => values.map(value => `    ${JSON.stringify(value)}`).join(',\n')
  return `{\n  "chunks": [\n${lines(files.map(file => file.url))}\n  ],\n  "files": [\n${lines(files)}\n  ]\n}\n`
}

/** Cut where the partition changes, and after so many. */
function slices(files: readonly ManifestFile[], most: number): ManifestFile[][] {
  const cut: ManifestFile[][] = []
  for (const file of files) {
    const open = cut.at(-1)
    const [first] = open ?? []
    if (open === undefined || open.length >= most || first!.partition !== file.partition || first!.topic !== file.topic) cut.push([file])
    else open.push(file)
  }
  return cut
}
