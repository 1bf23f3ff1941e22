import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { TributaryError } from '../../schemas/errors.js'
import type { Event } from '../../schemas/event.js'
import type { EventTopicId } from '../../schemas/topics.js'
import { csvCells, csvRows } from '../../sinks/csv/read-csv.js'
import type { Renderer } from '../../sinks/format.js'
import type { NamedPiece } from '../../sinks/naming.js'
import { revisionKey } from '../sink/sink-records.js'
import type { AppliedSpec } from '../spec-table.js'
import { type EventAt, rowsIn } from './event-at.js'
import type { Explaining } from './explaining.js'
import type { Explained } from './places.js'
import { findRepeats, type Repeat } from './repeats.js'
import { specOfRevision } from './spec-of-revision.js'
import { type StatementAt, statementAt } from './statement-at.js'

export interface ExplainedRow {
  readonly piece: NamedPiece
  readonly row: number
  /** Column and cell, as the file has them. */
  readonly cells: readonly (readonly [column: string, cell: string])[]
  readonly event: EventAt
  /** Null = the event names no record. */
  readonly statement: StatementAt | null
  readonly applied: AppliedSpec
  readonly rules: { readonly file: number | null; readonly release: number }
  /** The file is in the list of its dataset now; a merged one is not, its rows are in a larger one. */
  readonly listed: boolean
  /** False = the pseudonym key is not at hand: the person was not compared. */
  readonly personCompared: boolean
  /** Records that tell the same and were dropped; null = not looked for. */
  readonly repeats: readonly Repeat[] | null
}

/**
 * The statement behind a row. Rows stand in the order of their events, in pieces and in merged files alike, so row n is the n-th event of the
 * file's range that the spec selects. It is rendered anew and compared with the file: what differs is not explained by a guess.
 */
export async function explainRow(
  e: Explaining,
  { piece, path, row }: Extract<Explained, { is: 'row' }>,
  options: { readonly repeats: boolean },
): Promise<ExplainedRow> {
  if (piece.generation !== e.services.naming.generation)
    throw new TributaryError(
      'INCOMPLETE',
      `explaining a row of generation ${piece.generation}: GENERATION is ${e.services.naming.generation}`,
    )
  const applied = await specOfRevision(e, piece.dataset, piece.revision)
  const rendering = e.render(applied.spec)
  if (rendering.is === 'states') throw new TributaryError('WRONG_USAGE', 'explaining a row of a snapshot')
  const { renderer, format, knowsPeople } = rendering
  const text = (await bodyOf(e, piece, path)).toString('utf8')
  const written = nthRow(text, row)
  if (written === null) throw new TributaryError('WRONG_USAGE', `${piece.key} has ${[...csvRows(text)].length - 1} rows`)

  const event = await nthEvent(e, piece, row, renderer)
  const columns = renderer.columns
  const cells = csvCells(written)
  const again = event === null ? null : csvCells(renderer.row(event.event))
  const differs = again?.find((cell, i) => cell !== cells[i] && (knowsPeople || columns[i] !== 'user_id'))
  if (event === null || again === null || differs !== undefined || again.length !== cells.length)
    throw new TributaryError(
      'S3_CONTENT_DIFFERS',
      `explaining ${piece.key}#${row}: the log has ${event === null ? 'no event' : 'another row'} there; were its topics made anew, or is it of another release?`,
    )
  const file = fileRecordOf(e, piece)
  return {
    piece,
    row,
    cells: columns.map((column, i) => [column, cells[i] ?? '']),
    event,
    statement: event.src === null ? null : await statementAt(e, event.src),
    applied,
    rules: { file: file?.rules ?? null, release: format.rules },
    listed: file !== null,
    personCompared: knowsPeople,
    repeats: options.repeats ? await findRepeats(e, event) : null,
  }
}

/** From the disk if the path is one, else from the bucket; the name says what it must hold. */
async function bodyOf({ services }: Explaining, { key, sha256 }: NamedPiece, path: string): Promise<Buffer> {
  const local = /^[a-z][a-z0-9]*:\/\//.test(path) ? null : await readFile(path).catch(() => null)
  const body = local ?? (await services.store.get(services.config.datasetsBucket, key))
  if (body === null)
    throw new TributaryError('INCOMPLETE', `reading ${key}: there is no such file in ${services.config.datasetsBucket}, nor at ${path}`)
  if (createHash('sha256').update(body).digest('hex').slice(0, sha256.length) !== sha256)
    throw new TributaryError(
      'S3_CONTENT_DIFFERS',
      `reading ${local === null ? key : path}: it is not what its name says; somebody has changed it`,
    )
  return body
}

function nthRow(text: string, row: number): string | null {
  // The head is row 0.
  let at = 0
  for (const each of csvRows(text)) if (at++ === row) return each
  return null
}

async function nthEvent(
  e: Explaining,
  { topic, partition, firstOffset, lastOffset }: NamedPiece,
  row: number,
  renderer: Renderer<Event>,
): Promise<EventAt | null> {
  let at = 0
  for await (const event of rowsIn(e, { topic: topic as EventTopicId, partition, from: firstOffset, to: lastOffset + 1 }, renderer))
    if (++at === row) return event
  return null
}

function fileRecordOf({ tables }: Explaining, { dataset, revision, partition, key }: NamedPiece) {
  const files = tables.sinks[partition]?.files.get(revisionKey(dataset, revision))
  return [...(files?.values() ?? [])].find(file => file.key === key) ?? null
}
