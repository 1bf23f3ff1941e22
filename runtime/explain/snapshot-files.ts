import type { FileRecord, TableProgress } from '../../schemas/dataset-files.js'
import type { SnapshotFormat } from '../../sinks/format.js'
import { bucketOf, placeOf, tableKey } from '../../sinks/table-key.js'
import { revisionKey } from '../sink/sink-records.js'
import type { AppliedSpec } from '../spec-table.js'
import type { Explaining } from './explaining.js'

const nothingYet: TableProgress = { next: 0, xapi: 0, received: 0 }

/** How far the listed files of a snapshot are; a revision that was not written whole yet contains nothing for sure. */
export function tableReach(
  { tables }: Explaining,
  { spec, revision }: AppliedSpec,
  { table }: Pick<SnapshotFormat, 'table'>,
  partition: number,
): TableProgress {
  const live = tables.sinks[partition]?.live
  return (live?.joined[spec.id] === revision ? live.tables?.[table] : undefined) ?? nothingYet
}

/** The listed file whose bucket has the rows of a learner: all of them, as they lie in the order of the learner key's hash. */
export function fileOfLearner(
  { tables }: Explaining,
  { spec, revision }: AppliedSpec,
  { key, partition }: { readonly key: string; readonly partition: number },
): FileRecord | null {
  const files = tables.sinks[partition]?.files.get(revisionKey(spec.id, revision))
  const place = placeOf(tableKey(key))
  return [...(files?.values() ?? [])].find(({ bucket }) => bucket !== undefined && bucketOf(place, bucket.of) === bucket.index) ?? null
}
