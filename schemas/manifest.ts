import { z } from 'zod'
import { datasetTopicIds } from './topics.js'

/**
 * What a dataset is now: `<dataset>/manifest.json`. `context` and `chunks` mean what they meant in the old job's manifest; readers that
 * know only these keep working. Unknown keys are kept when it is read, so an older release can read a newer one's.
 */
const count = z.int().min(0)
const text = z.string()
const identifier = z.union([text, z.int()])

const file = z.looseObject({
  url: text,
  key: text,
  rows: count,
  bytes: count,
  sha256: text,
  topic: z.enum(datasetTopicIds),
  partition: count,
  firstOffset: count,
  lastOffset: count,
  /** Of snapshots: the `index`-th of `of` parts of this partition's rows; `part`: which of several files of it. */
  bucket: z.looseObject({ index: count, of: count, part: count.optional() }).optional(),
  /** Event times of the first and the last row in time. */
  firstTime: text,
  lastTime: text,
  /** Only where they are others than `producedBy.rules`: of a file that another release has made, whose cells may be written otherwise. */
  rules: count.optional(),
  /** Only where it is another than that of the dataset: a fault, for one learner has two pseudonyms then. */
  pseudonymKey: text.optional(),
})

/** An object with a part of the files, and of `chunks`: JSON, `{ chunks, files }`, as they would stand in the manifest. */
const list = z.looseObject({
  url: text,
  key: text,
  bytes: count,
  sha256: text,
  files: count,
  /** Of the listed files, in all. */
  rows: count,
  fileBytes: count,
})

const section = z.looseObject({
  host: text,
  section: text,
  /** `loaded`: a backfill run of its history is sealed. */
  history: z.enum(['none', 'running', 'loaded']),
  /** Runs that loaded it, the last sealed one, and the last that is not sealed; in time. */
  runs: z.array(z.looseObject({ id: text, started: text, sealed: text.nullable() })),
  /** How many more there were over it; absent = none. */
  otherRuns: count.optional(),
})

const position = z.looseObject({
  partition: count,
  /** Next offset per topic that is not in the files. */
  next: z.record(text, count),
  /** Next `xapi` offset; null while this revision catches up. */
  xapi: count.nullable(),
  /** Append time of the last `xapi` record below; null = there is none. Absent in what older releases wrote, as is the next. */
  received: text.nullable().optional(),
  /** Everything that was appended to this partition of `xapi` up to this time lies below, as the log shows; null = not known. */
  through: text.nullable().optional(),
})

const stopped = z.looseObject({
  /** Of the dataset: the one that is shown, or the next one. */
  revision: count,
  partition: count,
  topic: z.enum(datasetTopicIds),
  /** What it would have to read next, and where the topic begins now. */
  next: count,
  low: count,
})

const manifestSchema = z.looseObject({
  /** The parameters under their old names; ids that were integers are integers. */
  context: z.looseObject({
    job_id: text,
    action: text,
    section_ids: z.array(identifier).nullable(),
    page_ids: z.array(identifier).nullable(),
    sub_types: z.array(text).nullable(),
    exclude_fields: z.array(text),
    chunk_size: count,
    project_id: identifier.nullable(),
    anonymize: z.union([z.boolean(), text]),
    /** How many learners are left out by name; who they are is not said. */
    ignored_students: count.optional(),
  }),
  /** URLs of all files; empty when `lists` is not. */
  chunks: z.array(text),
  version: count,
  revision: count,
  /** Which revision of the dataset it is, from 1: for people. Absent in what older releases wrote. */
  revisionOrdinal: count.optional(),
  generation: count,
  dataset: text,
  updatedAt: text,
  columns: z.array(text),
  /** What the columns say. Absent in what older releases wrote. */
  fields: z.array(z.looseObject({ name: text, type: text, about: text })).optional(),
  files: z.array(file),
  /** Of a dataset with more than 5,000 files: all of them, in this order, in objects of their own. */
  lists: z.array(list).default([]),
  positions: z.array(position),
  /** Next offset per partition of `dataset-files` that this was made from: a later version never has less. */
  folded: z.record(text, count),
  /** Topic ids of `xapi` and `dataset-files`: offsets of topics that were made anew cannot be compared. */
  log: z.looseObject({ xapi: text, files: text }).optional(),
  /** The same of `sources` and `route-ledger`, by `topic/partition`: neither histories nor counts go back. Absent in what older releases wrote. */
  alsoFolded: z.record(text, count).default({}),
  /** Where the newest revision cannot catch up any more, since events were deleted that it had not read. */
  stopped: z.array(stopped).optional(),
  counts: z.looseObject({
    rows: count,
    /** Of a dataset of all sections: what route dropped in the whole log, also of statements that name no section. */
    all: z.looseObject({ duplicates: count, refused: z.record(text, count) }).optional(),
    /** What route dropped of every selected section. */
    sections: z.array(z.looseObject({ host: text, section: text, duplicates: count, refused: z.record(text, count) })),
  }),
  sections: z.array(section),
  /**
   * Everything that entered `xapi` up to this time is in: the earliest `through` of all partitions. Null while the history of a selected
   * section is not loaded.
   */
  completeThrough: text.nullable(),
  producedBy: z.looseObject({
    version: text,
    commit: text,
    rules: count,
    specSha256: text,
    lookupSha256: text.nullable(),
    /** Fingerprint of the pseudonym key; null when the dataset has the source's own ids. */
    pseudonymKey: text.nullable(),
    /** Everybody knows that key: the pseudonyms hide nobody. Absent = no. */
    pseudonymKeyIsPublic: z.literal(true).optional(),
    appliedAt: text,
  }),
  /** The writer's: after an unclear answer it finds out whether this version is its own. */
  nonce: text,
})

export type Manifest = z.output<typeof manifestSchema>
export type ManifestFile = z.output<typeof file>
export type ManifestList = z.output<typeof list>
export type ManifestSection = z.output<typeof section>
export type ManifestPosition = z.output<typeof position>
export type ManifestStop = z.output<typeof stopped>
export type ManifestCounts = Manifest['counts']
export type ProducedBy = Manifest['producedBy']

export type ParsedManifest = { readonly ok: true; readonly manifest: Manifest } | { readonly ok: false; readonly problem: string }

/** An empty text is a version that `gc` has cleared: its number stays taken. */
export function parseManifest(json: string): ParsedManifest {
  if (json.trim() === '') return { ok: false, problem: 'this version was cleared' }
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return { ok: false, problem: 'not JSON' }
  }
  const result = manifestSchema.safeParse(value)
  if (result.success) return { ok: true, manifest: result.data }
  const problems = result.error.issues.map(issue => `${issue.path.map(String).join('.')}: ${issue.message}`)
  return { ok: false, problem: problems.slice(0, 5).join('; ') }
}

const listObject = z.looseObject({ chunks: z.array(text), files: z.array(file) })
export type ListedFiles = z.output<typeof listObject>

/** Null when it is none. */
export function parseManifestList(json: string): ListedFiles | null {
  try {
    return listObject.safeParse(JSON.parse(json)).data ?? null
  } catch {
    return null
  }
}
