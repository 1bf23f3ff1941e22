import type { DatasetKind } from '../../schemas/dataset-kinds.js'
import type { Event } from '../../schemas/event.js'
import { topicOfKind } from '../../schemas/topics.js'
import { type CourseEvent, eventFilter, exclusions } from '../filter.js'
import type { EventFormat } from '../format.js'
import { type Column, csvFile, csvRenderer, fieldsOf } from './csv-file.js'

interface CsvKind<E extends CourseEvent> {
  readonly kind: DatasetKind
  /** Kinds of events that become rows, by the `sub_types` word that selects them. */
  readonly rows: Readonly<Record<string, E['kind']>>
  readonly rules: number
  readonly categories: readonly string[]
  readonly columns: readonly Column<E>[]
}

/** A dataset kind of events as CSV. */
export function csvFormat<E extends CourseEvent>({ kind, rows, rules, categories, columns }: CsvKind<E>): EventFormat {
  return {
    kind,
    topics: [...new Set(Object.values(rows).map(row => topicOfKind[row]))],
    ...csvFile,
    rules,
    categories,
    fields: fieldsOf(columns),
    render(spec, identity) {
      // accepts() looks at the kind first: a row of another is a fault of the caller.
      return csvRenderer<Event>(columns as unknown as readonly Column<Event>[], spec, identity, {
        accepts: eventFilter(spec, rows),
        excludedBy: event => exclusions(spec, rows, event),
      })
    },
  }
}
