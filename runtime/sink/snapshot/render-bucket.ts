import type { Bucket } from '../../../schemas/dataset-files.js'
import type { State } from '../../../sinks/format.js'
import { bucketRange } from '../../../sinks/table-key.js'
import type { Codec } from '../../registry/codec.js'
import { type OpenPiece, openPiece } from '../open-piece.js'
import type { Snapshot } from './snapshot.js'
import { offsetOf, recordOf, type Table } from './table.js'

/** Rows that are decoded between two looks at their schemas. */
const chunkRows = 512

/** The rows of one bucket; null = more than a file may have. */
export type Rendered = OpenPiece | null

/**
 * One bucket of several snapshots of a table: a record is read and decoded once for all of them. Memory: a file for each, plus half of it
 * while it grows. Rows are sorted by their own text, so their order says nothing that they do not say: all datasets share the order of the
 * table, and beside one with names in it that order would name the pseudonyms of another.
 */
export async function renderBucket(
  table: Table,
  snapshots: readonly Snapshot[],
  bucket: Bucket,
  { codec, most }: { readonly codec: Codec; readonly most: number },
): Promise<ReadonlyMap<Snapshot, Rendered>> {
  const pieces = new Map<Snapshot, Rendered>(snapshots.map(snapshot => [snapshot, openPiece(snapshot.renderer.head, 'sorted')]))
  const print = async (rows: readonly Buffer[]) => {
    const values = rows.map(recordOf)
    await codec.learn(table.topic, values)
    for (const [i, value] of values.entries()) {
      const state = codec.decodeState(table.topic, value) as State
      for (const [snapshot, piece] of pieces) {
        if (piece === null || !snapshot.renderer.accepts(state)) continue
        piece.append(snapshot.renderer.row(state), offsetOf(rows[i]!), state.first, state.last)
        if (piece.bytes > most) pieces.set(snapshot, null)
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
