import { type DatasetSpec, datasetSpecSchema } from '../schemas/dataset-spec.js'
import { headers } from '../schemas/headers.js'
import { headerText, type LogRecord, type OutRecord } from './log.js'
import { revisionKey } from './sink/sink-records.js'

/** A dataset as the `datasets` topic has it now. */
export interface AppliedSpec {
  readonly spec: DatasetSpec
  /** Offset of the spec record in `datasets`. */
  readonly revision: number
  /** Which of the dataset's revisions it is, from 1: for people. */
  readonly ordinal: number
  /** Partition of `datasets` that the dataset is keyed to: its owner publishes it. */
  readonly partition: number
  /** Append time, ms. */
  readonly appliedAt: number
  /** Number of the kind's rules in the release that applied it. */
  readonly rules: number
}

/** Releases before the header had the first rules of every kind. */
export const appliedSpec = (spec: DatasetSpec, record: Omit<LogRecord, 'value' | 'key'>, partition: number): AppliedSpec => ({
  spec,
  revision: record.offset,
  ordinal: Number(headerText(record, headers.revision) ?? 1),
  partition,
  appliedAt: record.timestamp,
  rules: Number(headerText(record, headers.rules) ?? 1),
})

/** Somebody waits for the manifest to cover these `xapi` offsets: progress is published at once for `ms` from when this process sees it. */
export interface Waiting {
  readonly positions: readonly number[]
  readonly ms: number
}

export interface Waiter {
  readonly positions: readonly number[]
  /** Monotonic ms of this process: the waiter's own clock may be another. */
  readonly until: number
}

/**
 * The fold of `datasets`. Besides specs (key = dataset id) it holds `swapped|<id>` (the revision that manifests show: older ones may go),
 * `wait|<id>` (a waiter) and `pseudonyms|<id>|<revision>|<unique>` (the fingerprint of the key that its pseudonyms are made with); dataset
 * ids cannot contain `|`.
 */
export interface SpecTable {
  readonly specs: ReadonlyMap<string, AppliedSpec>
  /** What manifests show, whole: of a changed spec the topic keeps only the newest record. */
  readonly shown: ReadonlyMap<string, AppliedSpec>
  readonly waiters: ReadonlyMap<string, Waiter>
  /**
   * By `revisionKey`: the fingerprint of the pseudonym key. The first record of a revision counts. Each has a key of its own: compaction would
   * else remove the first where a second one with the same content came later, and let a foreign one between them count.
   */
  readonly pseudonymKeys: ReadonlyMap<string, string>
  /** Datasets whose newest spec this version does not understand: a newer one applied it. They are left as they are. */
  readonly unusable: ReadonlySet<string>
  /** Grows with every change of specs or swaps. */
  readonly version: number
  /** A revision that is shown or newer, as far as this process has seen its spec. */
  revision(dataset: string, revision: number): AppliedSpec | null
  onRecord(record: LogRecord, partition: number): void
}

export const swappedKey = (dataset: string) => `swapped|${dataset}`
export const pseudonymsKey = (dataset: string, revision: number, unique: string) => `pseudonyms|${dataset}|${revision}|${unique}`
export const waitKey = (dataset: string) => `wait|${dataset}`

type Swapped = Omit<AppliedSpec, 'partition'>

/** The record that says which revision manifests show. */
export function swappedOut({ partition: _, ...swapped }: AppliedSpec): OutRecord {
  return { key: Buffer.from(swappedKey(swapped.spec.id)), value: Buffer.from(JSON.stringify(swapped)) }
}

/** True when nobody writes this revision any more: it was deleted, or manifests show a later one. */
export function isRevisionGone({ specs, shown, unusable }: SpecTable, dataset: string, revision: number): boolean {
  if (unusable.has(dataset)) return false
  return !specs.has(dataset) || revision < (shown.get(dataset)?.revision ?? 0)
}

/** What is written of every dataset: the revision that manifests show, and the newest, which is to take its place. */
export function revisionsToWrite({ specs, shown }: SpecTable): readonly AppliedSpec[] {
  return [...specs.values()].flatMap(newest => {
    const now = shown.get(newest.spec.id)
    return now !== undefined && now.revision < newest.revision ? [now, newest] : [newest]
  })
}

/** `monotonic`: needed only where waiters matter. */
export function makeSpecTable(monotonic: () => number = () => 0): SpecTable {
  const specs = new Map<string, AppliedSpec>()
  const shown = new Map<string, AppliedSpec>()
  /** By dataset: those that a newer one has replaced before they were shown, as far as is known. */
  const replaced = new Map<string, readonly AppliedSpec[]>()
  const waiters = new Map<string, Waiter>()
  const pseudonymKeys = new Map<string, string>()
  const unusable = new Set<string>()

  function onSpec(id: string, value: unknown, record: LogRecord, partition: number): void {
    unusable.delete(id)
    if (value === null) {
      for (const map of [specs, shown, replaced]) map.delete(id)
      return
    }
    const parsed = datasetSpecSchema.safeParse(value)
    if (!parsed.success) {
      unusable.add(id)
      return
    }
    const before = specs.get(id)
    if (before !== undefined) replaced.set(id, [...(replaced.get(id) ?? []), before])
    specs.set(id, appliedSpec(parsed.data, record, partition))
  }

  function onSwapped(id: string, value: unknown, partition: number): void {
    const swapped = value as Swapped | null
    const parsed = datasetSpecSchema.safeParse(swapped?.spec)
    if (swapped === null || !parsed.success) {
      shown.delete(id)
      return
    }
    // Of a release that did not count: as for its spec's own record.
    shown.set(id, { ...swapped, ordinal: (swapped as Partial<Swapped>).ordinal ?? 1, spec: parsed.data, partition })
    replaced.set(
      id,
      (replaced.get(id) ?? []).filter(({ revision }) => revision > swapped.revision),
    )
  }

  const table = {
    specs,
    shown,
    waiters,
    pseudonymKeys,
    unusable,
    version: 0,
    revision: (dataset: string, revision: number) =>
      [specs.get(dataset), shown.get(dataset), ...(replaced.get(dataset) ?? [])].find(found => found?.revision === revision) ?? null,
    onRecord(record: LogRecord, partition: number) {
      const key = record.key?.toString() ?? ''
      const value: unknown = record.value === null ? null : JSON.parse(record.value.toString())
      const id = key.slice(key.indexOf('|') + 1)
      if (key.startsWith('wait|')) {
        if (value === null) waiters.delete(id)
        else {
          const { positions, ms } = value as Waiting
          waiters.set(id, { positions, until: monotonic() + ms })
        }
        return
      }
      if (key.startsWith('pseudonyms|')) {
        const [, dataset = '', revision = ''] = key.split('|')
        const name = revisionKey(dataset, Number(revision))
        if (value === null) pseudonymKeys.delete(name)
        else if (!pseudonymKeys.has(name)) pseudonymKeys.set(name, (value as { key: string }).key)
        return
      }
      if (key.startsWith('swapped|')) onSwapped(id, value, partition)
      else onSpec(key, value, record, partition)
      table.version++
    },
  }
  return table
}
