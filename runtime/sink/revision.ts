import type { FileRecord } from '../../schemas/dataset-files.js'
import type { DatasetSpec } from '../../schemas/dataset-spec.js'
import type { Identity, Renderer } from '../../sinks/format.js'
import type { AppliedSpec } from '../spec-table.js'
import type { FileOwner } from './flush.js'
import { revisionKey } from './sink-records.js'
import type { SinkState } from './sink-state.js'

/** One revision of a dataset in one sink task: how it prints, and its listed files. */
export interface Revision<Format extends FileOwner['format'], Record> extends FileOwner {
  readonly applied: AppliedSpec
  readonly format: Format
  readonly renderer: Renderer<Record>
}

/** With the files that are listed: what is listed later is kept there too. */
export function takeRevision<
  Format extends FileOwner['format'] & { render(spec: DatasetSpec, identity: Identity): Renderer<Record> },
  Record,
>({ deps, records }: Pick<SinkState, 'deps' | 'records'>, applied: AppliedSpec, format: Format): Revision<Format, Record> {
  const { spec, revision } = applied
  const name = revisionKey(spec.id, revision)
  const files = records.files.get(name) ?? new Map<number, FileRecord>()
  records.files.set(name, files)
  const renderer = format.render(spec, deps.identity(spec))
  const pseudonymKey = spec.anonymize === true ? deps.keyFingerprint : null
  return { dataset: spec.id, revision, applied, format, renderer, pseudonymKey, files, sequence: Math.max(-1, ...files.keys()) + 1 }
}
