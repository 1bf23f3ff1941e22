import type { FileRecord } from '../schemas/dataset-files.js'
import type { DatasetSpec } from '../schemas/dataset-spec.js'
import type {
  Manifest,
  ManifestCounts,
  ManifestFile,
  ManifestPosition,
  ManifestSection,
  ManifestStop,
  ProducedBy,
} from '../schemas/manifest.js'
import type { Field } from './format.js'
import { objectUrl } from './naming.js'

/** A live file and the partition of `dataset-files` that lists it. */
export interface ListedFile
  extends Pick<
    FileRecord,
    | 'key'
    | 'bytes'
    | 'rows'
    | 'sha256'
    | 'topic'
    | 'firstOffset'
    | 'lastOffset'
    | 'bucket'
    | 'firstTime'
    | 'lastTime'
    | 'pseudonymKey'
    | 'rules'
  > {
  readonly partition: number
}

export interface ManifestInput {
  readonly spec: DatasetSpec
  readonly version: number
  readonly revision: number
  /** From 1. */
  readonly ordinal: number
  readonly generation: number
  /** Its columns, in order. */
  readonly fields: readonly Field[]
  readonly files: readonly ListedFile[]
  readonly positions: readonly ManifestPosition[]
  readonly stopped: readonly ManifestStop[]
  /** Next offset per partition of `dataset-files`. */
  readonly folded: ReadonlyMap<number, number>
  /** Topic ids. */
  readonly log: { readonly xapi: string; readonly files: string }
  /** The same of the other tables, by `topic/partition`. */
  readonly alsoFolded: ReadonlyMap<string, number>
  /** Per selected section what route dropped. */
  readonly dropped: ManifestCounts['sections']
  /** The same of the whole log; null = of a dataset that selects sections. */
  readonly droppedInAll: NonNullable<ManifestCounts['all']> | null
  readonly sections: readonly ManifestSection[]
  readonly producedBy: ProducedBy
  readonly updatedAt: string
  readonly nonce: string
  /** The bucket's address. */
  readonly baseUrl: string
  /** What was made of files before, at the same address: the same object again. */
  readonly known?: WeakMap<ListedFile, ManifestFile>
}

export function buildManifest(input: ManifestInput): Manifest {
  const { spec } = input
  const files = input.files.map(file => listedOnce(file, input)).sort(byPlace)
  return {
    context: oldContext(spec),
    chunks: files.map(file => file.url),
    version: input.version,
    revision: input.revision,
    revisionOrdinal: input.ordinal,
    generation: input.generation,
    dataset: spec.id,
    updatedAt: input.updatedAt,
    columns: input.fields.map(({ name }) => name),
    fields: input.fields.map(({ name, type, about }) => ({ name, type, about })),
    files,
    lists: [],
    positions: input.positions
      .map(({ partition, next, xapi, received, through }) => ({ partition, next: sortedKeys(next), xapi, received, through }))
      .sort((a, b) => a.partition - b.partition),
    folded: Object.fromEntries([...input.folded].sort(([a], [b]) => a - b)),
    log: { xapi: input.log.xapi, files: input.log.files },
    alsoFolded: sortedKeys(Object.fromEntries(input.alsoFolded)),
    ...(input.stopped.length > 0 && { stopped: [...input.stopped] }),
    counts: {
      rows: files.reduce((sum, file) => sum + file.rows, 0),
      ...(input.droppedInAll && {
        all: { duplicates: input.droppedInAll.duplicates, refused: sortedKeys(input.droppedInAll.refused) },
      }),
      sections: input.dropped
        .map(({ host, section, duplicates, refused }) => ({ host, section, duplicates, refused: sortedKeys(refused) }))
        .sort(bySection),
    },
    sections: [...input.sections].sort(bySection),
    completeThrough: input.sections.every(section => section.history === 'loaded') ? earliest(input.positions) : null,
    producedBy: input.producedBy,
    nonce: input.nonce,
  }
}

/** Equal manifests give equal text; one line per file, so that two versions compare well. */
export function manifestText(manifest: Manifest): string {
  const lines = Object.entries(manifest).map(([key, value]) => `  ${JSON.stringify(key)}: ${valueText(value)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

/** True when no row, column or parameter differs: only progress was made, which may wait to be published. */
export function sameContent(a: Manifest, b: Manifest): boolean {
  return contentOf(a) === contentOf(b)
}

const contentOf = ({ revision, generation, columns, context, files, lists }: Manifest) =>
  JSON.stringify([revision, generation, columns, context, [...files, ...lists].map(({ key, sha256 }) => [key, sha256])])

function valueText(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value)
  return `[\n${value.map(item => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`
}

/** Without the lookup and the names of ignored students: the old manifest showed both to everyone. */
function oldContext(spec: DatasetSpec): Manifest['context'] {
  return {
    job_id: spec.id,
    action: spec.kind,
    section_ids: spec.section_ids?.map(oldId) ?? null,
    page_ids: spec.page_ids?.map(oldId) ?? null,
    sub_types: spec.sub_types === null ? null : [...spec.sub_types],
    exclude_fields: [...spec.exclude_fields],
    chunk_size: spec.chunk_size,
    project_id: spec.enforce_project_id === null ? null : oldId(spec.enforce_project_id),
    anonymize: spec.anonymize,
    ignored_students: spec.ignored_student_ids.length,
    host: spec.host,
    from: spec.from,
    to: spec.to,
    format: spec.format,
    dialect: spec.dialect,
    freshness: spec.freshness,
  }
}

/** Ids were integers in the old context. */
function oldId(id: string): string | number {
  const number = Number(id)
  return Number.isSafeInteger(number) && String(number) === id ? number : id
}

const isForeign = ({ pseudonymKey }: ListedFile, { producedBy }: Pick<ManifestInput, 'producedBy'>) =>
  pseudonymKey !== undefined && pseudonymKey !== producedBy.pseudonymKey

function listedOnce(file: ListedFile, input: ManifestInput): ManifestFile {
  // What is said of a key that is not the revision's depends on the revision's.
  if (isForeign(file, input)) return { ...listed(file, input), pseudonymKey: file.pseudonymKey }
  const before = input.known?.get(file)
  if (before !== undefined) return before
  const made = listed(file, input)
  input.known?.set(file, made)
  return made
}

/** The rules of a kind are those of its release: they stay as long as what is known. */
function listed(file: ListedFile, { baseUrl, producedBy }: Pick<ManifestInput, 'baseUrl' | 'producedBy'>): ManifestFile {
  const { key, rows, bytes, sha256, topic, partition, firstOffset, lastOffset, bucket, firstTime, lastTime } = file
  const url = objectUrl(baseUrl, key)
  const place = { topic, partition, firstOffset, lastOffset, ...(bucket && { bucket: { ...bucket } }) }
  const otherRules = file.rules === producedBy.rules ? {} : { rules: file.rules }
  return { url, key, rows, bytes, sha256, ...place, firstTime, lastTime, ...otherRules }
}

/** Null when it is not known of every partition. */
function earliest(positions: readonly ManifestPosition[]): string | null {
  const times = positions.flatMap(({ through }) => through ?? [])
  return times.length < positions.length ? null : (times.sort()[0] ?? null)
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const byPlace = (a: ManifestFile, b: ManifestFile) =>
  compare(a.topic, b.topic) ||
  a.partition - b.partition ||
  bucketIndex(a) - bucketIndex(b) ||
  bucketPart(a) - bucketPart(b) ||
  a.firstOffset - b.firstOffset ||
  compare(a.key, b.key)
const bucketIndex = ({ bucket }: ManifestFile) => bucket?.index ?? 0
const bucketPart = ({ bucket }: ManifestFile) => bucket?.part ?? 0
const bySection = (a: { host: string; section: string }, b: { host: string; section: string }) =>
  compare(a.host, b.host) || a.section.length - b.section.length || compare(a.section, b.section)

function sortedKeys(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => compare(a, b)))
}
