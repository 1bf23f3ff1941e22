import type { DatasetSpec } from '../../schemas/dataset-spec.js'
import type { Field, Identity, Renderer } from '../format.js'
import type { Cell } from './cells.js'
import { quote } from './quote.js'

/** What a column is called, what its cells print, and what they say. */
export type Column<Record> = readonly [header: string, cell: Cell<Record>, about: string]

export const csvFile = { extension: 'csv', contentType: 'text/csv; charset=utf-8' } as const

export function fieldsOf(columns: readonly Column<never>[]): readonly Field[] {
  return columns.map(([name, { type }, about]) => ({ name, type, about }))
}

/** Records as CSV: UTF-8, a header line, `\n` line ends, RFC 4180 quotes. */
export function csvRenderer<Record>(
  columns: readonly Column<Record>[],
  spec: DatasetSpec,
  identity: Identity,
  filter: Pick<Renderer<Record>, 'accepts' | 'excludedBy'>,
): Renderer<Record> {
  const kept = columns.filter(([header]) => !spec.exclude_fields.includes(header))
  const [first = () => '', ...others] = kept.map(([, cell]) => cell({ dialect: spec.dialect, identity }))
  const headers = kept.map(([header]) => header)
  return {
    columns: headers,
    head: `${headers.map(quote).join(',')}\n`,
    tail: '',
    ...filter,
    row(record) {
      let row = first(record)
      for (const cell of others) row += `,${cell(record)}`
      // A line without any text is no row to a CSV reader: Python's writer quotes there too.
      return row === '' ? '""\n' : `${row}\n`
    },
  }
}
