import type { Event } from '../../schemas/event.js'
import type { EventTopicId } from '../../schemas/topics.js'
import { csvCells } from '../../sinks/csv/read-csv.js'
import type { Renderer } from '../../sinks/format.js'
import type { NamedPiece } from '../../sinks/naming.js'
import { type EventAt, rowsIn } from './event-at.js'
import { type ExplainedStateRow, explainStateRow } from './explain-state-row.js'
import type { Explaining } from './explaining.js'
import type { Explained } from './places.js'
import { findRepeats, type Repeat } from './repeats.js'
import { type RowInFile, type WrittenRow, writtenRow } from './row-in-file.js'
import { type StatementAt, statementAt } from './statement-at.js'

export type ExplainedRow = ExplainedEventRow | ExplainedStateRow

export interface ExplainedEventRow extends RowInFile {
  readonly of: 'event'
  readonly event: EventAt
  /** Null = the event names no record. */
  readonly statement: StatementAt | null
  /** Records that tell the same and were dropped; null = not looked for. */
  readonly repeats: readonly Repeat[] | null
}

interface RowOptions {
  readonly repeats: boolean
}

/** What is behind a row. It is rendered anew and compared with the file: what differs is not explained by a guess. */
export async function explainRow(e: Explaining, asked: Extract<Explained, { is: 'row' }>, options: RowOptions): Promise<ExplainedRow> {
  const written = await writtenRow(e, asked)
  const { rendering } = written
  return rendering.is === 'states' ? explainStateRow(e, written, rendering) : explainEventRow(e, written, rendering.renderer, options)
}

/**
 * The statement behind a row. Rows stand in the order of their events, in pieces and in merged files alike, so row n is the n-th event of
 * the file's range that the spec selects.
 */
async function explainEventRow(
  e: Explaining,
  { inFile, isSame, differs }: WrittenRow,
  renderer: Renderer<Event>,
  options: RowOptions,
): Promise<ExplainedEventRow> {
  const event = await nthEvent(e, inFile.piece, inFile.row, renderer)
  if (event === null) throw differs('no event there')
  if (!isSame(csvCells(renderer.row(event.event)))) throw differs('another row there')
  return {
    ...inFile,
    of: 'event',
    event,
    statement: event.src === null ? null : await statementAt(e, event.src),
    repeats: options.repeats ? await findRepeats(e, event) : null,
  }
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
