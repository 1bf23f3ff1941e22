import type { FileRecord } from '../../schemas/dataset-files.js'
import type { Event } from '../../schemas/event.js'
import type { EventTopicId } from '../../schemas/topics.js'
import type { EventFormat, Renderer } from '../../sinks/format.js'
import type { AppliedSpec } from '../spec-table.js'
import { type OpenPiece, openPiece } from './open-piece.js'

/** One revision of a dataset in one sink task: its renderer, its listed files and its rows not yet uploaded. */
export interface Member {
  readonly dataset: string
  readonly revision: number
  readonly applied: AppliedSpec
  readonly format: EventFormat
  readonly renderer: Renderer<Event>
  readonly files: Map<number, FileRecord>
  /** Next unused file sequence. */
  sequence: number
  readonly open: Map<EventTopicId, OpenPiece[]>
  openBytes: number
  openRows: number
}

export function makeMember(applied: AppliedSpec, format: EventFormat, renderer: Renderer<Event>, files: Map<number, FileRecord>): Member {
  return {
    dataset: applied.spec.id,
    revision: applied.revision,
    applied,
    format,
    renderer,
    files,
    sequence: Math.max(-1, ...files.keys()) + 1,
    open: new Map(),
    openBytes: 0,
    openRows: 0,
  }
}

/** Appends a row; a piece that has reached `chunk_size` rows is followed by another. */
export function appendRow(member: Member, topic: EventTopicId, row: string, offset: number, at: number): void {
  let pieces = member.open.get(topic)
  if (pieces === undefined) {
    pieces = []
    member.open.set(topic, pieces)
  }
  let piece = pieces.at(-1)
  if (piece === undefined || piece.rows >= member.applied.spec.chunk_size) {
    piece = openPiece(member.renderer.head)
    pieces.push(piece)
  }
  const before = piece.bytes
  piece.append(row, offset, at)
  member.openBytes += piece.bytes - before
  member.openRows++
}

export function closePieces(member: Member): void {
  member.open.clear()
  member.openBytes = 0
  member.openRows = 0
}
