import { createHash } from 'node:crypto'
import { type FileRecord, isJoined, type Reach } from '../../schemas/dataset-files.js'
import { canonicalSpec, type DatasetSpec } from '../../schemas/dataset-spec.js'
import type { Manifest, ManifestFile, ManifestPosition, ManifestSection, ManifestStop } from '../../schemas/manifest.js'
import { type RouteLedger, routeLedgerKey } from '../../schemas/route-ledger.js'
import { isOfTopic } from '../../schemas/sources.js'
import { type Format, isSnapshot } from '../../sinks/format.js'
import { sectionHistory } from '../../sinks/history.js'
import { isPublicKey } from '../../sinks/identity.js'
import { buildManifest, type ListedFile } from '../../sinks/manifest.js'
import { joinedReach, nothingYet, revisionKey, type SinkRecords } from '../sink/sink-records.js'
import type { AppliedSpec } from '../spec-table.js'
import type { AppendTimes, Reached } from './append-times.js'
import type { Tables } from './tables.js'

/** What a manifest needs besides the tables. */
export interface Producer {
  readonly version: string
  readonly commit: string
  readonly generation: number
  /** Topic ids of `xapi` and `dataset-files`. */
  readonly log: { readonly xapi: string; readonly files: string }
  readonly baseUrl: string
}

/** True when every partition's live position covers this revision. */
export function joinedEverywhere(tables: Tables, dataset: string, revision: number): boolean {
  return tables.sinks.every(({ live }) => isJoined(live, dataset, revision))
}

export interface Composition {
  readonly applied: AppliedSpec
  /** Newest revision: the same, or one that has not caught up. */
  readonly newest: number
  readonly format: Format
  /** Its number. */
  readonly version: number
  /** The newest before it. */
  readonly last: Manifest | null
  readonly nonce: string
  readonly now: number
  readonly times: AppendTimes
  /** Of all datasets, as long as they are listed. */
  readonly known: KnownFiles
}

/** What was made of file records before. */
export interface KnownFiles {
  readonly listed: WeakMap<FileRecord, ListedFile>
  readonly files: WeakMap<ListedFile, ManifestFile>
}

/** The manifest of one revision, as the tables are now. */
export function compose(tables: Tables, producer: Producer, composition: Composition): Manifest {
  const { applied, format } = composition
  const { spec, revision } = applied
  const pseudonymKey = pseudonymKeyOf(tables, applied, composition.last)
  return buildManifest({
    spec,
    version: composition.version,
    revision,
    generation: producer.generation,
    ordinal: applied.ordinal,
    fields: format.fields.filter(({ name }) => !spec.exclude_fields.includes(name)),
    files: listedFiles(tables, spec.id, revision, composition.known.listed),
    known: composition.known.files,
    positions: positions(tables, producer, composition),
    stopped: stops(tables, spec.id, composition.newest),
    log: producer.log,
    folded: new Map(tables.folded('dataset-files').entries()),
    alsoFolded: new Map(
      (['route-ledger', 'sources'] as const).flatMap(topic =>
        tables.folded(topic).map((next, partition) => [`${topic}/${partition}`, next]),
      ),
    ),
    dropped: dropped(tables, spec),
    droppedInAll: spec.section_ids === null ? droppedInAll(tables) : null,
    sections: sections(tables, format, applied, producer.log.xapi),
    producedBy: {
      version: producer.version,
      commit: producer.commit,
      rules: format.rules,
      specSha256: createHash('sha256').update(canonicalSpec(spec)).digest('hex'),
      lookupSha256: null,
      pseudonymKey,
      ...(isPublicKey(pseudonymKey) && { pseudonymKeyIsPublic: true as const }),
      appliedAt: new Date(applied.appliedAt).toISOString(),
    },
    updatedAt: new Date(composition.now).toISOString(),
    nonce: composition.nonce,
    baseUrl: producer.baseUrl,
  })
}

/** As the sinks have written it down; what an earlier release has said of a revision is kept until they have. */
function pseudonymKeyOf({ specs }: Tables, { spec, revision }: AppliedSpec, last: Manifest | null): string | null {
  if (spec.anonymize !== true) return null
  const said = last?.revision === revision ? last.producedBy.pseudonymKey : null
  return specs.pseudonymKeys.get(revisionKey(spec.id, revision)) ?? said
}

function listedFiles(tables: Tables, dataset: string, revision: number, known: KnownFiles['listed']): ListedFile[] {
  const listed = (file: FileRecord, partition: number) => {
    const before = known.get(file)
    if (before !== undefined) return before
    const made = { ...file, partition }
    known.set(file, made)
    return made
  }
  const name = revisionKey(dataset, revision)
  return tables.sinks.flatMap((records, partition) => [...(records.files.get(name)?.values() ?? [])].map(file => listed(file, partition)))
}

/** How far the files of a revision are in one partition. */
export function reachOf({ live }: SinkRecords, format: Format, dataset: string, revision: number): Reach {
  return joinedReach(live, dataset, revision, isSnapshot(format) ? format.table : null) ?? nothingYet
}

function positions(tables: Tables, producer: Producer, { applied, format, times, last }: Composition): ManifestPosition[] {
  const { spec, revision } = applied
  return tables.sinks.map((records, partition) => {
    if (!isJoined(records.live, spec.id, revision)) {
      const next = records.catchUps.get(revisionKey(spec.id, revision))?.next ?? {}
      return { partition, next: { ...next }, xapi: null, received: null, through: null }
    }
    const { next, xapi, received } = reachOf(records, format, spec.id, revision)
    const known = times.through(partition, xapi, received, publishedReach(last, producer, partition))
    // Never beyond the record that says how far the sink is: where the clocks of two brokers differ, the earlier one counts.
    const through = Math.min(known, tables.filesAt[partition]!)
    return { partition, next: { ...next }, xapi, received: isoTime(received), through: isoTime(through) }
  })
}

const isoTime = (ms: number) => (ms > 0 ? new Date(ms).toISOString() : null)

/** Where the newest revision cannot catch up any more. */
export function stops(tables: Tables, dataset: string, revision: number): ManifestStop[] {
  return tables.sinks.flatMap(({ catchUps }, partition) => {
    const lost = catchUps.get(revisionKey(dataset, revision))?.lost
    return lost === undefined ? [] : [{ revision, partition, ...lost }]
  })
}

/**
 * What the version before has shown to be so, of the same topic. Older releases took the time from their own clock: what they say is not
 * believed.
 */
function publishedReach(last: Manifest | null, { log }: Producer, partition: number): Reached | null {
  if (last?.log?.xapi !== log.xapi) return null
  const position = last?.positions.find(each => each.partition === partition)
  if (position?.through == null || position.xapi === null) return null
  const received = position.received == null ? 0 : Date.parse(position.received)
  return { end: position.xapi, time: Date.parse(position.through), received }
}

/** Every partition's own record counts all of its sections, and what names none. */
function droppedInAll(tables: Tables) {
  const sum = { duplicates: 0, refused: {} as Record<string, number> }
  for (const partition of tables.sinks.keys()) {
    const own = tables.ledgers.get(routeLedgerKey({ partition, host: null, section: null, rest: false }))
    if (own !== undefined) addDropped(sum, own)
  }
  return sum
}

function addDropped(sum: { duplicates: number; refused: Record<string, number> }, { duplicates, deadLetters }: RouteLedger): void {
  sum.duplicates += duplicates
  for (const [code, n] of Object.entries(deadLetters)) sum.refused[code] = (sum.refused[code] ?? 0) + n
}

const wanted = (spec: DatasetSpec, host: string) => spec.host === null || spec.host === host

function dropped(tables: Tables, spec: DatasetSpec) {
  const sums = new Map<string, { host: string; section: string; duplicates: number; refused: Record<string, number> }>()
  for (const section of new Set(spec.section_ids))
    for (const ledger of tables.ledgersOf(section)) {
      const { host } = ledger
      if (host === null || !wanted(spec, host)) continue
      const key = `${host}|${section}`
      const sum = sums.get(key) ?? { host, section, duplicates: 0, refused: {} }
      sums.set(key, sum)
      addDropped(sum, ledger)
    }
  return [...sums.values()]
}

/** Selected sections with their histories; a dataset of all sections tells those that a run has named. */
function sections(tables: Tables, format: Format, { spec, revision }: AppliedSpec, xapiId: string): ManifestSection[] {
  const known = [...tables.runs].filter(([, run]) => isOfTopic(run, xapiId))
  const covers = (sealed: readonly number[]) =>
    tables.sinks.every((records, p) => reachOf(records, format, spec.id, revision).xapi > sealed[p]!)
  const runs = known.map(([id, run]) => {
    const sealed = run.sealed !== null && covers(run.sealed)
    return { id, loads: run.loads, started: run.startedAt, sealed: sealed ? run.endedAt : null }
  })
  if (spec.section_ids === null) {
    const named = new Set(known.flatMap(([, run]) => run.sections ?? []))
    return [...named].map(section => sectionHistory('', section, format.categories, runs))
  }
  return spec.section_ids.flatMap(section => {
    const hosts = new Set<string>()
    for (const { host } of tables.ledgersOf(section)) if (host !== null && wanted(spec, host)) hosts.add(host)
    if (hosts.size === 0) hosts.add(spec.host ?? '')
    return [...hosts].map(host => sectionHistory(host, section, format.categories, runs))
  })
}
