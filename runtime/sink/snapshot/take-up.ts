import { isJoined } from '../../../schemas/dataset-files.js'
import { topicName } from '../../../schemas/topics.js'
import type { SnapshotFormat, State } from '../../../sinks/format.js'
import type { AppliedSpec } from '../../spec-table.js'
import { takeRevision } from '../revision.js'
import type { SinkState } from '../sink-state.js'
import { makeSnapshot, type Snapshot } from './snapshot.js'
import { isBehind, openTable, readStates, type Table } from './table.js'

/** A snapshot begins with a pass over its whole table, which is opened with the first that is made of it. */
export async function takeUpSnapshot(state: SinkState, applied: AppliedSpec, format: SnapshotFormat): Promise<void> {
  const { records, tables } = state
  const joined = isJoined(records.live, applied.spec.id, applied.revision)
  const table = tables.get(format.table) ?? (await openTable(state, format.table))
  tables.set(format.table, table)
  table.snapshots.push(makeSnapshot(takeRevision<SnapshotFormat, State>(state, applied, format), joined))
}

/** Those that are gone; a table without any is not read any more. */
export async function dropSnapshots({ deps, partition, tables }: SinkState, unwanted: (snapshot: Snapshot) => boolean): Promise<void> {
  for (const [topic, table] of tables) {
    const kept = table.snapshots.filter(snapshot => !unwanted(snapshot))
    table.snapshots.splice(0, table.snapshots.length, ...kept)
    if (kept.length > 0) continue
    tables.delete(topic)
    deps.hints.drop(partition, topicName(topic, deps.naming))
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
