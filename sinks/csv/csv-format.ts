import type { DatasetKind } from '../../schemas/dataset-spec.js'
import type { Event } from '../../schemas/event.js'
import { topicOfKind } from '../../schemas/topics.js'
import { type CourseEvent, eventFilter, exclusions } from '../filter.js'
import type { Format } from '../format.js'
import type { Cell } from './cells.js'
import { quote } from './quote.js'

export type Column<E> = readonly [header: string, cell: Cell<E>]

interface CsvKind<E extends CourseEvent> {
  readonly kind: DatasetKind
  /** Kinds of events that become rows, by the `sub_types` word that selects them. */
  readonly rows: Readonly<Record<string, E['kind']>>
  readonly rules: number
  readonly columns: readonly Column<E>[]
}

/** A dataset kind as CSV: UTF-8, a header line, `\n` line ends, RFC 4180 quotes. */
export function csvFormat<E extends CourseEvent>({ kind, rows, rules, columns }: CsvKind<E>): Format {
  return {
    kind,
    topics: [...new Set(Object.values(rows).map(row => topicOfKind[row]))],
    extension: 'csv',
    contentType: 'text/csv; charset=utf-8',
    rules,
    fields: columns.map(([header]) => header),
    render(spec, identity) {
      const kept = columns.filter(([header]) => !spec.exclude_fields.includes(header))
      const [first = () => '', ...others] = kept.map(([, cell]) => cell({ dialect: spec.dialect, identity }))
      const headers = kept.map(([header]) => header)
      return {
        columns: headers,
        head: `${headers.map(quote).join(',')}\n`,
        tail: '',
        accepts: eventFilter(spec, rows),
        excludedBy: event => exclusions(spec, rows, event),
        row(event: Event) {
          // accepts() has looked at the kind; a row of another is a fault of the caller.
          const accepted = event as E
          let row = first(accepted)
          for (const cell of others) row += `,${cell(accepted)}`
          // A line without any text is no row to a CSV reader: Python's writer quotes there too.
          return row === '' ? '""\n' : `${row}\n`
        },
      }
    },
  }
}
