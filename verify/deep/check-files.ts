import type { Manifest, ManifestFile } from '../../schemas/manifest.js'
import { topicName } from '../../schemas/topics.js'
import { csvRows } from './csv-rows.js'
import { type AnyEvent, datasetRules, type EventSpec, selects } from './dataset-rules.js'
import { expectedCells } from './expected-cells.js'
import { isSameTime } from './instants.js'
import type { Check } from './partition-view.js'
import type { PersonNames } from './person-names.js'
import { logEnds, readLog } from './read-log.js'

/** A dataset as it is published. `persons`: null = it has names. */
export interface Shown {
  readonly manifest: Manifest
  readonly persons: PersonNames | null
}

/**
 * The files of one dataset in one partition against the events themselves: as many rows as events that the spec selects in the range of
 * the file, in their order, with the same key columns; and no such event below the position that is in no file.
 * Memory: one file. The events are read once for every dataset.
 */
export async function checkFiles(check: Check, spec: EventSpec, { manifest, persons }: Shown, partition: number): Promise<void> {
  const { target, findings, avro, counts } = check
  const { topic } = datasetRules[spec.kind]
  const name = topicName(topic, target.naming)
  const say = (text: string) => findings.add(`dataset ${spec.id}`, text)
  const position = manifest.positions.find(each => each.partition === partition)
  const next = position?.next[topic] ?? 0
  const { low, stable } = await logEnds(target.wire, name, partition)
  if (next > stable) say(`its position in ${name}/${partition} is ${next}, the log ends at ${stable}`)
  const xapi = topicName('xapi', target.naming)
  if ((position?.xapi ?? 0) > (await logEnds(target.wire, xapi, partition)).stable)
    say(`its position is behind the end of ${xapi}/${partition}`)
  const personAt = manifest.columns.indexOf('user_id')
  const cells = expectedCells(spec, manifest, target.pseudonymKey)
  const files = manifest.files.filter(file => file.partition === partition).sort((a, b) => a.firstOffset - b.firstOffset)
  for (const [i, file] of files.entries()) {
    if (file.topic !== topic) say(`${file.key} is of ${file.topic}`)
    if (file.lastOffset >= next) say(`${file.key} ends at offset ${file.lastOffset}, the position is ${next}`)
    if (i > 0 && file.firstOffset <= files[i - 1]!.lastOffset) say(`${file.key} begins within the file before it`)
  }

  let rows: Generator<string[]> | null = null
  let open: ManifestFile | undefined
  const finish = () => {
    let left = 0
    for (const _ of rows ?? []) left++
    if (left > 0) say(`${open?.key} has ${left} rows more than events in its range`)
    rows = null
  }
  for await (const { offset, value, headers } of readLog(target.wire, name, partition, low, Math.min(next, stable))) {
    while (open !== undefined && offset > open.lastOffset) {
      finish()
      open = undefined
    }
    while (open === undefined && files.length > 0 && offset >= files[0]!.firstOffset) {
      open = files.shift()!
      rows = await opened(check, manifest, open, say)
      if (offset <= open.lastOffset) break
      finish()
      open = undefined
    }
    if (value === null || headers.has('marker')) continue
    const event = (await avro.read(value)) as AnyEvent
    if (!selects(spec, event)) continue
    if (open === undefined) {
      say(`the event ${name}/${partition}/${offset} is in no file`)
      continue
    }
    if (rows === null) continue
    const row = nextRow(rows, open, say)
    if (row === null) {
      say(`${open.key} has no row for the event ${name}/${partition}/${offset}`)
      continue
    }
    counts.rows++
    if (!cells.has('user_id')) counts.rowsWithoutPerson++
    if (row.length !== manifest.columns.length) say(`${open.key}: the row of offset ${offset} has ${row.length} cells`)
    else {
      if (personAt >= 0) persons?.note(event, row[personAt]!, open.key)
      for (const [i, column] of manifest.columns.entries()) {
        const cell = cells.get(column)
        const expected = cell === undefined ? row[i]! : String(cell(event) ?? '')
        if (row[i] !== expected && !(open.rules !== undefined && isSameTime(row[i]!, expected)))
          say(`${open.key}: ${column} in the row of offset ${offset} is not that of the event`)
      }
    }
  }
  finish()
  for (const file of files) say(`${file.key} is of offsets where the log has no events`)
}

/** Behind the head, which must be the columns. Null = nothing to compare; that is said already. */
async function opened(
  check: Check,
  manifest: Manifest,
  file: ManifestFile,
  say: (text: string) => void,
): Promise<Generator<string[]> | null> {
  const body = await check.target.object(file.key)
  if (body === null) {
    say(`${file.key} is listed but not there`)
    return null
  }
  const rows = csvRows(body)
  const head = nextRow(rows, file, say)
  if (JSON.stringify(head) !== JSON.stringify(manifest.columns)) say(`${file.key} does not begin with the columns`)
  return rows
}

function nextRow(rows: Generator<string[]>, file: ManifestFile, say: (text: string) => void): string[] | null {
  try {
    return rows.next().value ?? null
  } catch (error) {
    say(`${file.key} is no CSV: ${(error as Error).message}`)
    return null
  }
}
