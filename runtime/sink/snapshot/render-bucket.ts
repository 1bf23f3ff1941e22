import type { Bucket } from '../../../schemas/dataset-files.js'
import type { State } from '../../../sinks/format.js'
import { bucketRange } from '../../../sinks/table-key.js'
import type { Codec } from '../../registry/codec.js'
import { type OpenPiece, openPiece } from '../open-piece.js'
import type { Snapshot } from './snapshot.js'
import { offsetOf, recordOf, type Table } from './table.js'

/** Rows that are decoded between two looks at their schemas. */
const chunkRows = 512

export interface RenderLimits {
  readonly codec: Codec
  /** Bytes of a file at most. */
  readonly most: number
  /** A file is full, and there are more rows of the bucket. False = they are not wanted: the bucket is to be parted in another way. */
  onFull(snapshot: Snapshot, piece: OpenPiece): Promise<boolean>
}

/**
 * One bucket of several snapshots of a table: a record is read and decoded once for all of them. Null = the rest was not wanted, else the
 * last file. Memory: a file for each, plus half of it while it grows. Rows of a file are sorted by their own text, so their order says nothing
 * that they do not say: all datasets share the order of the table, and beside one with names in it that order would name the pseudonyms of
 * another.
 */
export async function renderBucket(
  table: Table,
  snapshots: readonly Snapshot[],
  bucket: Bucket,
  { codec, most, onFull }: RenderLimits,
): Promise<ReadonlyMap<Snapshot, OpenPiece | null>> {
  const opened = ({ renderer }: Snapshot) => openPiece(renderer.head, 'sorted')
  const pieces = new Map<Snapshot, OpenPiece | null>(snapshots.map(snapshot => [snapshot, opened(snapshot)]))

  /** The file that the next row goes to. */
  async function pieceFor(snapshot: Snapshot, piece: OpenPiece, row: string): Promise<OpenPiece | null> {
    if (piece.rows === 0 || piece.bytes + Buffer.byteLength(row) + snapshot.renderer.tail.length <= most) return piece
    const next = (await onFull(snapshot, piece)) ? opened(snapshot) : null
    pieces.set(snapshot, next)
    return next
  }

  async function print(rows: readonly Buffer[]): Promise<void> {
    const values = rows.map(recordOf)
    await codec.learn(table.topic, values)
    for (const [i, value] of values.entries()) {
      const state = codec.decodeState(table.topic, value) as State
      for (const [snapshot, piece] of pieces) {
        if (piece === null || !snapshot.renderer.accepts(state)) continue
        const row = snapshot.renderer.row(state)
        const open = await pieceFor(snapshot, piece, row)
        open?.append(row, offsetOf(rows[i]!), state.first, state.last)
      }
    }
  }

  let chunk: Buffer[] = []
  for (const [, row] of table.store.range(bucketRange(bucket))) {
    chunk.push(row)
    if (chunk.length < chunkRows) continue
    await print(chunk)
    chunk = []
    if ([...pieces.values()].every(piece => piece === null)) return pieces
  }
  await print(chunk)
  return pieces
}
