import type { SnapshotKind } from '../../schemas/dataset-kinds.js'
import type { StateTopicId } from '../../schemas/topics.js'
import { stateExclusions, stateFilter } from '../filter.js'
import type { SnapshotFormat, SnapshotRow, State } from '../format.js'
import { type Column, csvFile, csvRenderer, fieldsOf } from './csv-file.js'

interface CsvTable<S extends State> {
  readonly kind: SnapshotKind
  readonly table: StateTopicId
  readonly rules: number
  readonly row: SnapshotRow
  readonly columns: readonly Column<S>[]
}

/** A dataset kind with a row per key of a state topic, as CSV. */
export function csvSnapshot<S extends State>({ kind, table, rules, row, columns }: CsvTable<S>): SnapshotFormat {
  return {
    kind,
    table,
    ...csvFile,
    rules,
    // A state sums up all events of a learner, whatever folder they came from.
    categories: null,
    row,
    fields: fieldsOf(columns),
    render(spec, identity) {
      // All records of a state topic are of one type.
      return csvRenderer<State>(columns as unknown as readonly Column<State>[], spec, identity, {
        accepts: stateFilter(spec),
        excludedBy: event => stateExclusions(spec, event),
      })
    },
  }
}
