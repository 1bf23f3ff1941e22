import { csvCells } from '../../sinks/csv/read-csv.js'
import type { SnapshotRow, State } from '../../sinks/format.js'
import type { Explaining, Rendering } from './explaining.js'
import type { RowInFile, WrittenRow } from './row-in-file.js'
import { type StateAt, stateAt, stateRecords } from './state-at.js'
import { stateOfKey } from './state-of-key.js'

/** A row of a snapshot: it sums up all events of a learner or of a session. */
export interface ExplainedStateRow extends RowInFile {
  readonly of: SnapshotRow['of']
  /** The states that it may have been made from, the first few of `alike`: one, unless what could be compared does not tell who it is. */
  readonly states: readonly StateBehind[]
  readonly alike: number
}

export interface StateBehind {
  readonly key: string
  /** What the row was printed from; null = the state has changed since, and only what came later is left. */
  readonly printed: StateAt | null
  /** As it is now; null = it is gone: a session that begins earlier by now, or was joined to another. */
  readonly now: StateAt | null
}

/** Offsets of the same. */
interface Versions {
  printed: number | null
  now: number | null
}

const mostShown = 5

/**
 * The state behind a row. Its record lies in the file's range unless compaction has taken it, and then a newer one of its key lies behind
 * it. Whatever prints the row's key columns may be it; what prints all of its cells and lies in the range is it. Memory: the keys of those.
 */
export async function explainStateRow(
  e: Explaining,
  { inFile, isSame, differs }: WrittenRow,
  { format, renderer, knowsPeople }: Extract<Rendering, { is: 'states' }>,
): Promise<ExplainedStateRow> {
  const { partition, firstOffset, lastOffset } = inFile.piece
  const place = { topic: format.table, partition }
  const isCompared = (column: string) => format.row.key.includes(column) && (knowsPeople || column !== 'user_id')
  const keyColumns = renderer.columns.flatMap((column, i) => (isCompared(column) ? [i] : []))
  const found = new Map<string, Versions>()
  for await (const records of stateRecords(e, place, firstOffset)) {
    await e.codec.learn(
      format.table,
      records.map(({ value }) => value),
    )
    for (const { key, offset, value } of records) {
      // What was gone before the file was written has no row in it.
      if (value === null && offset <= lastOffset) found.delete(key)
      else {
        const state = value === null ? stateOfKey(key) : (e.codec.decodeState(format.table, value) as State)
        if (!renderer.accepts(state)) continue
        const again = csvCells(renderer.row(state))
        if (!keyColumns.every(i => again[i] === inFile.cells[i]![1])) continue
        const former = found.get(key)?.printed ?? null
        const printed = offset > lastOffset ? former : isSame(again) ? offset : null
        found.set(key, { printed, now: value === null ? null : offset })
      }
    }
  }
  const whole = [...found].filter(([, { printed }]) => printed !== null)
  const alike = whole.length > 0 ? whole : [...found]
  if (alike.length === 0) throw differs(`no ${format.row.of} like it`)
  const states: StateBehind[] = []
  for (const [key, { printed, now }] of alike.slice(0, mostShown)) {
    const at = async (offset: number | null) => (offset === null ? null : await stateAt(e, place, offset))
    states.push({ key, printed: await at(printed), now: await at(now) })
  }
  return { ...inFile, of: format.row.of, states, alike: alike.length }
}
