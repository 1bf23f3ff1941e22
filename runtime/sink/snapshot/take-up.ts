import { topicName } from '../../../schemas/topics.js'
import type { SnapshotFormat } from '../../../sinks/format.js'
import type { AppliedSpec } from '../../spec-table.js'
import { revisionKey } from '../sink-records.js'
import type { SinkState } from '../sink-state.js'
import { makeSnapshot, type Snapshot } from './snapshot.js'
import { isBehind, openTable, readStates, type Table } from './table.js'

/** A snapshot begins with a pass over its whole table, which is opened with the first that is made of it. */
export async function takeUpSnapshot(state: SinkState, applied: AppliedSpec, format: SnapshotFormat): Promise<void> {
  const { deps, records, tables } = state
  const name = revisionKey(applied.spec.id, applied.revision)
  const files = records.files.get(name) ?? new Map()
  records.files.set(name, files)
  const joined = records.live.joined[applied.spec.id] === applied.revision
  const table = tables.get(format.table) ?? (await openTable(state, format.table))
  tables.set(format.table, table)
  table.snapshots.push(makeSnapshot(applied, format, format.render(applied.spec, deps.identity(applied.spec)), files, joined))
}

/** Those that are gone; a table without any is not read any more. */
export async function dropSnapshots({ tables }: SinkState, unwanted: (snapshot: Snapshot) => boolean): Promise<void> {
  for (const [topic, table] of tables) {
    const kept = table.snapshots.filter(snapshot => !unwanted(snapshot))
    table.snapshots.splice(0, table.snapshots.length, ...kept)
    if (kept.length > 0) continue
    tables.delete(topic)
    await table.held.close()
  }
}

/** One step of every table that is not where its topic was when it was opened. False = there is none. */
export async function catchUpTables(state: SinkState): Promise<boolean> {
  const { deps, partition, tables } = state
  const behind: Table[] = [...tables.values()].filter(isBehind)
  for (const table of behind) {
    const position = { topic: topicName(table.topic, deps.naming), partition, offset: table.next, end: table.target }
    const [fetched] = await deps.catchUp.take([position])
    await readStates(state, table, fetched!)
  }
  return behind.length > 0
}
