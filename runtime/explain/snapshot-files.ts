import { type FileRecord, isJoined, type TableProgress } from '../../schemas/dataset-files.js'
import type { SnapshotFormat } from '../../sinks/format.js'
import { bucketOf, placeOf } from '../../sinks/table-key.js'
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
  return (live !== undefined && isJoined(live, spec.id, revision) ? live.tables?.[table] : undefined) ?? nothingYet
}

/**
 * The listed files that may have the rows of a learner. Those of its bucket, one as a rule; but which bucket that is only the
 * pseudonym key tells: where it is not at hand, all of the partition.
 */
export function filesOfLearner(
  { tables, tableKey }: Explaining,
  { spec, revision }: AppliedSpec,
  { key, partition }: { readonly key: string; readonly partition: number },
): readonly FileRecord[] {
  const files = [...(tables.sinks[partition]?.files.get(revisionKey(spec.id, revision))?.values() ?? [])]
  if (tableKey === null) return files
  const place = placeOf(tableKey(key))
  return files.filter(({ bucket }) => bucket !== undefined && bucketOf(place, bucket.of) === bucket.index)
}
