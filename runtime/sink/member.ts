import type { Event } from '../../schemas/event.js'
import type { EventTopicId } from '../../schemas/topics.js'
import type { EventFormat } from '../../sinks/format.js'
import { type OpenPiece, openPiece } from './open-piece.js'
import type { Revision } from './revision.js'

/** One revision of a dataset of events, and its rows that are not yet uploaded. */
export interface Member extends Revision<EventFormat, Event> {
  readonly open: Map<EventTopicId, OpenPiece[]>
  /** What the pieces hold: of many small ones most is not rows. */
  openBytes: number
  openRows: number
}

export function makeMember(revision: Revision<EventFormat, Event>): Member {
  return { ...revision, open: new Map(), openBytes: 0, openRows: 0 }
}

/** Appends a row; a piece that has reached `chunk_size` rows is followed by another. */
export function appendRow(member: Member, topic: EventTopicId, row: string, offset: number, at: number): void {
  let pieces = member.open.get(topic)
  if (pieces === undefined) {
    pieces = []
    member.open.set(topic, pieces)
  }
  let piece = pieces.at(-1)
  let before = piece?.held ?? 0
  if (piece === undefined || piece.rows >= member.applied.spec.chunk_size) {
    piece = openPiece(member.renderer.head)
    before = 0
    pieces.push(piece)
  }
  piece.append(row, offset, at)
  member.openBytes += piece.held - before
  member.openRows++
}

export function closePieces(member: Member): void {
  member.open.clear()
  member.openBytes = 0
  member.openRows = 0
}
