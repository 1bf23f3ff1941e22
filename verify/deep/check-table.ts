import type { SnapshotKind } from '../../schemas/dataset-kinds.js'
import { topicName } from '../../schemas/topics.js'
import type { Shown } from './check-files.js'
import { csvRows } from './csv-rows.js'
import type { WrittenSpec } from './dataset-rules.js'
import { expectedPerson } from './expected-cells.js'
import { microsOf, printed } from './instants.js'
import type { Check } from './partition-view.js'
import { logEnds, readLog } from './read-log.js'
import { type AnyState, tableRules } from './table-rules.js'

/**
 * The files of one snapshot in one partition against its state topic: the last record of every key that the spec selects is one row, and
 * there is no other. Keys that were written again since the manifest may have either row. Memory: the rows of one partition.
 */
export async function checkTable(check: Check, spec: WrittenSpec, { manifest, persons }: Shown, partition: number): Promise<void> {
  const { target, findings, avro, counts } = check
  const { topic, cells } = tableRules[spec.kind as SnapshotKind]
  const say = (text: string) => findings.add(`dataset ${spec.id}`, text)
  const name = topicName(topic, target.naming)
  const next = manifest.positions.find(each => each.partition === partition)?.next[topic] ?? 0
  const { low, stable } = await logEnds(target.wire, name, partition)
  if (next > stable) say(`its position in ${name}/${partition} is ${next}, the log ends at ${stable}`)

  const last = new Map<string, { readonly offset: number; readonly value: Buffer | null }>()
  for await (const { key, value, offset } of readLog(target.wire, name, partition, low, stable)) {
    const text = key?.toString() ?? ''
    // A learner key has two bars: with one it is a note of the aggregate.
    if (text.split('|').length > 2) last.set(text, { offset, value: value === null ? null : Buffer.from(value) })
  }
  const person = expectedPerson(spec, manifest, target.pseudonymKey)
  const personAt = manifest.columns.indexOf('user_id')
  const compared = manifest.columns.map(column => (column === 'user_id' ? person : cells[column]) ?? null)
  const rowOf = (state: AnyState) => JSON.stringify(compared.map(cell => cell?.(state, spec.dialect) ?? null))
  const expected = new Map<string, number>()
  /** Rows that only one state can have, and the rows of files that say the same. */
  const only = new Map<string, { readonly state: AnyState; found: number; name: string; file: string } | null>()
  let unsure = 0
  for (const { offset, value } of last.values()) {
    if (offset >= next) unsure++
    else if (value !== null) {
      const state = (await avro.read(value)) as AnyState
      if (!selectsState(spec, state)) continue
      const row = rowOf(state)
      expected.set(row, (expected.get(row) ?? 0) + 1)
      if (persons !== null && personAt >= 0) only.set(row, only.has(row) ? null : { state, found: 0, name: '', file: '' })
    }
  }

  let extra = 0
  for (const file of manifest.files.filter(each => each.partition === partition)) {
    if (file.topic !== topic) say(`${file.key} is of ${file.topic}`)
    if (file.lastOffset >= Math.max(next, stable)) say(`${file.key} ends at offset ${file.lastOffset}, where the log has no states`)
    const body = await target.object(file.key)
    if (body === null) {
      say(`${file.key} is listed but not there`)
      continue
    }
    const [head, ...rows] = csvRows(body)
    if (JSON.stringify(head) !== JSON.stringify(manifest.columns)) say(`${file.key} does not begin with the columns`)
    const read = (column: string, cell: string) => comparable(column, file.rules === undefined ? cell : inWidth(cell, spec.dialect))
    for (const row of rows) {
      counts.rows++
      if (person === null) counts.rowsWithoutPerson++
      const found = JSON.stringify(row.map((cell, i) => (compared[i] === null ? null : read(manifest.columns[i]!, cell))))
      const one = only.get(found)
      if (one) Object.assign(one, { found: one.found + 1, name: row[personAt]!, file: file.key })
      const left = expected.get(found) ?? 0
      if (left === 0) extra++
      else expected.set(found, left - 1)
    }
  }
  for (const one of only.values()) if (one?.found === 1) persons?.note(one.state, one.name, one.file)
  const missing = [...expected.values()].reduce((sum, count) => sum + count, 0)
  if (missing > 0) say(`partition ${partition}: ${missing} states of ${name} have no row that says the same`)
  if (extra > unsure) say(`partition ${partition}: ${extra} rows are of no state of ${name} (${unsure} were written since)`)
}

const texts = new Set(['user_id', 'section_id', 'host', 'first_seen', 'last_seen', 'session_start', 'session_end'])
/** A time of a file of another release as this one writes it. */
function inWidth(cell: string, dialect: string | undefined): string {
  const micros = microsOf(cell)
  return micros === null ? cell : printed(micros, dialect)
}

const comparable = (column: string, cell: string) => (texts.has(column) ? cell : Number(cell))

function selectsState(spec: WrittenSpec, state: AnyState): boolean {
  return (
    (!spec.section_ids || spec.section_ids.includes(state.section)) &&
    (!spec.host || spec.host === state.host) &&
    !spec.ignored_student_ids?.includes(state.learner)
  )
}
