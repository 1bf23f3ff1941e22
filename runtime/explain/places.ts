import { TributaryError } from '../../schemas/errors.js'
import { type NamedPiece, parsePieceKey } from '../../sinks/naming.js'

/** What can be explained. */
export type Explained =
  /** A data row, from 1, of a dataset file. `path` is as it was given: the file may lie on this disk. */
  | { readonly is: 'row'; readonly piece: NamedPiece; readonly path: string; readonly row: number }
  | { readonly is: 'line'; readonly bucket: string; readonly key: string; readonly line: number }
  | { readonly is: 'record'; readonly partition: number; readonly offset: number }
  | { readonly is: 'event'; readonly id: string }

/**
 * `FILE#ROW` (a key, a URL or the path of a downloaded file), `s3://bucket/key#LINE`, `PARTITION/OFFSET` of a record in `xapi`, or an
 * event id.
 */
export function parseExplained(text: string): Explained {
  if (/^[0-9a-f]{32}$/.test(text)) return { is: 'event', id: text }
  const [, partition, offset] = /^(?:xapi\/)?(\d{1,6})[/@](\d{1,15})$/.exec(text) ?? []
  if (offset !== undefined) return { is: 'record', partition: Number(partition), offset: Number(offset) }
  const [, path, digits] = /^(.+)#(\d{1,15})$/s.exec(text) ?? []
  const number = Number(digits)
  if (path === undefined || number < 1) throw notUnderstood(text)
  const piece = parsePieceKey(path)
  if (piece !== null) return { is: 'row', piece, path, row: number }
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(path) ?? []
  if (bucket === undefined || key === undefined) throw notUnderstood(text)
  return { is: 'line', bucket, key, line: number }
}

function notUnderstood(text: string): TributaryError {
  const what = 'FILE#ROW of a dataset file, s3://bucket/key#LINE, PARTITION/OFFSET of a record in xapi, or an event id'
  return new TributaryError('WRONG_USAGE', `${text} is none of: ${what}`)
}
