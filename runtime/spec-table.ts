import { type DatasetSpec, datasetSpecSchema } from '../schemas/dataset-spec.js'
import { headers } from '../schemas/headers.js'
import { headerText, type LogRecord } from './log.js'
import { revisionKey } from './sink/sink-records.js'

/** A dataset as the `datasets` topic has it now. */
export interface AppliedSpec {
  readonly spec: DatasetSpec
  /** Offset of the spec record in `datasets`. */
  readonly revision: number
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
  /** The spec before the current one, as far as this process saw it replaced. */
  readonly former: ReadonlyMap<string, AppliedSpec>
  readonly swapped: ReadonlyMap<string, number>
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
  onRecord(record: LogRecord, partition: number): void
}

export const swappedKey = (dataset: string) => `swapped|${dataset}`
export const pseudonymsKey = (dataset: string, revision: number, unique: string) => `pseudonyms|${dataset}|${revision}|${unique}`
export const waitKey = (dataset: string) => `wait|${dataset}`

/** True when nobody writes this revision any more: it was deleted, or manifests show its successor. */
export function isRevisionGone({ specs, swapped, unusable }: SpecTable, dataset: string, revision: number): boolean {
  if (unusable.has(dataset)) return false
  const current = specs.get(dataset)
  return current === undefined || (revision < current.revision && (swapped.get(dataset) ?? -1) >= current.revision)
}

/** `monotonic`: needed only where waiters matter. */
export function makeSpecTable(monotonic: () => number = () => 0): SpecTable {
  const specs = new Map<string, AppliedSpec>()
  const former = new Map<string, AppliedSpec>()
  const swapped = new Map<string, number>()
  const waiters = new Map<string, Waiter>()
  const pseudonymKeys = new Map<string, string>()
  const unusable = new Set<string>()
  const table = {
    specs,
    former,
    swapped,
    waiters,
    pseudonymKeys,
    unusable,
    version: 0,
    onRecord(record: LogRecord, partition: number) {
      const key = record.key?.toString() ?? ''
      const value: unknown = record.value === null ? null : JSON.parse(record.value.toString())
      const bar = key.indexOf('|')
      const id = key.slice(bar + 1)
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
      if (key.startsWith('swapped|')) {
        if (value === null) swapped.delete(id)
        else swapped.set(id, (value as { revision: number }).revision)
      } else {
        unusable.delete(key)
        const parsed = value === null ? null : datasetSpecSchema.safeParse(value)
        if (parsed === null) specs.delete(key)
        else if (parsed.success) {
          const before = specs.get(key)
          if (before) former.set(key, before)
          specs.set(key, appliedSpec(parsed.data, record, partition))
        } else unusable.add(key)
      }
      table.version++
    },
  }
  return table
}
