import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { FileRecord } from '../../schemas/dataset-files.js'
import { TributaryError } from '../../schemas/errors.js'
import { csvCells, csvRows } from '../../sinks/csv/read-csv.js'
import type { NamedPiece } from '../../sinks/naming.js'
import { datasetObjects } from '../datasets/dataset-objects.js'
import { revisionKey } from '../sink/sink-records.js'
import type { AppliedSpec } from '../spec-table.js'
import type { Explaining, Rendering } from './explaining.js'
import type { Explained } from './places.js'
import { specOfRevision } from './spec-of-revision.js'

/** A row as its file has it, whatever it was made from. */
export interface RowInFile {
  readonly piece: NamedPiece
  readonly row: number
  /** Column and cell, as the file has them. */
  readonly cells: readonly (readonly [column: string, cell: string])[]
  readonly applied: AppliedSpec
  readonly rules: { readonly file: number | null; readonly release: number }
  /** The file is in the list of its dataset now; one that was merged or written again is not. */
  readonly listed: boolean
  /** False = the pseudonym key is not at hand: the person was not compared. */
  readonly personCompared: boolean
}

/** With what it takes to make it again. */
export interface WrittenRow {
  readonly inFile: RowInFile
  readonly rendering: Rendering
  /** Whether the cells of a row that was rendered anew are these; the person only where it can be told. */
  isSame(again: readonly string[]): boolean
  /** The log does not have what the row says it was made from. */
  differs(has: string): TributaryError
}

export async function writtenRow(e: Explaining, { piece, path, row }: Extract<Explained, { is: 'row' }>): Promise<WrittenRow> {
  if (piece.generation !== e.services.naming.generation)
    throw new TributaryError(
      'INCOMPLETE',
      `explaining a row of generation ${piece.generation}: GENERATION is ${e.services.naming.generation}`,
    )
  const applied = await specOfRevision(e, piece.dataset, piece.revision)
  const rendering = e.render(applied.spec)
  const text = (await bodyOf(e, piece, path)).toString('utf8')
  const written = nthRow(text, row)
  if (written === null) throw new TributaryError('WRONG_USAGE', `${piece.key} has ${[...csvRows(text)].length - 1} rows`)
  const { columns } = rendering.renderer
  const cells = csvCells(written)
  const file = fileRecordOf(e, piece)
  return {
    inFile: {
      piece,
      row,
      cells: columns.map((column, i) => [column, cells[i] ?? '']),
      applied,
      rules: { file: file?.rules ?? null, release: rendering.format.rules },
      listed: file !== null,
      personCompared: rendering.knowsPeople,
    },
    rendering,
    isSame(again) {
      const isSameCell = (cell: string, i: number) => cell === cells[i] || (!rendering.knowsPeople && columns[i] === 'user_id')
      return again.length === cells.length && again.every(isSameCell)
    },
    differs: has =>
      new TributaryError(
        'S3_CONTENT_DIFFERS',
        `explaining ${piece.key}#${row}: the log has ${has}; were its topics made anew, or is it of another release?`,
      ),
  }
}

/** From the disk if the path is one, else from the bucket; the name says what it must hold. */
async function bodyOf({ services }: Explaining, { key, sha256 }: NamedPiece, path: string): Promise<Buffer> {
  const local = /^[a-z][a-z0-9]*:\/\//.test(path) ? null : await readFile(path).catch(() => null)
  const body = local ?? (await datasetObjects(services).get(key))
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

function fileRecordOf({ tables }: Explaining, { dataset, revision, partition, key }: NamedPiece): FileRecord | null {
  const files = tables.sinks[partition]?.files.get(revisionKey(dataset, revision))
  return [...(files?.values() ?? [])].find(file => file.key === key) ?? null
}
