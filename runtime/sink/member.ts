import type { Offsets, Reach } from '../../schemas/dataset-files.js'
import type { Event } from '../../schemas/event.js'
import { type EventTopicId, eventTopicIds } from '../../schemas/topics.js'
import type { EventFormat } from '../../sinks/format.js'
import { leastCapacity, type OpenPiece, openPiece } from './open-piece.js'
import type { Revision } from './revision.js'

/** One revision of a dataset of events, and its rows that are not yet uploaded. */
export interface Member extends Revision<EventFormat, Event> {
  readonly open: Map<EventTopicId, OpenPiece[]>
  /** What the pieces take in memory: their buffers, full or not. */
  openBytes: number
  openRows: number
  /** Rows of records below are in its files: its cohort may read them again, for others. */
  from: ReadonlyMap<EventTopicId, number>
  /** How far its files are. */
  filed: Reach
  /** When it flushed rows last, and when the oldest open row came (null = there is none); monotonic ms. */
  flushedAt: number
  rowsSince: number | null
  /** Files that cannot be merged, as was found out. */
  readonly unmergeable: Set<number>
}

export function makeMember(revision: Revision<EventFormat, Event>, filed: Reach): Member {
  const from = eventOffsets(filed.next)
  return {
    ...revision,
    open: new Map(),
    openBytes: 0,
    openRows: 0,
    from,
    filed,
    flushedAt: Number.NEGATIVE_INFINITY,
    rowsSince: null,
    unmergeable: new Set(),
  }
}

const eventOffsets = (next: Offsets) => new Map(eventTopicIds.map(topic => [topic, next[topic] ?? 0]))

/** True when the row of this record is in the files already. */
export const isFiled = ({ from }: Member, topic: EventTopicId, offset: number) => offset < (from.get(topic) ?? 0)

/**
 * Appends a row; a piece that has reached `chunk_size` rows is followed by another.
 *
 * @returns bytes that are held more than before
 */
export function appendRow(member: Member, topic: EventTopicId, row: string, offset: number, at: number): number {
  let pieces = member.open.get(topic)
  if (pieces === undefined) {
    pieces = []
    member.open.set(topic, pieces)
  }
  let piece = pieces.at(-1)
  let before = piece?.held ?? 0
  if (piece === undefined || piece.rows >= member.applied.spec.chunk_size) {
    piece = openPiece(member.renderer.head, 'as appended', pieces.length === 0 ? leastCapacity : undefined)
    before = 0
    pieces.push(piece)
  }
  piece.append(row, offset, at)
  const grown = piece.held - before
  member.openBytes += grown
  member.openRows++
  return grown
}

export function closePieces(member: Member): void {
  member.open.clear()
  member.openBytes = 0
  member.openRows = 0
  member.rowsSince = null
}
