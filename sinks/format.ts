import type { DatasetKind, DatasetSpec } from '../schemas/dataset-spec.js'
import type { Event } from '../schemas/event.js'
import type { EventTopicId } from '../schemas/topics.js'

/** How the actor of an event is printed, from (host, name); made from the spec's `anonymize`. */
export type Identity = (host: string, name: string) => string

/**
 * One dataset kind: one file in `sinks/formats/` exporting one such value, one line in `topology.ts`.
 * A format is memoryless: equal events give equal rows, whatever came before.
 */
export interface Format {
  readonly kind: DatasetKind
  /** Topics its rows come from. */
  readonly topics: readonly EventTopicId[]
  readonly extension: 'csv'
  readonly contentType: string
  /** Raised by any release that changes a cell: datasets then get a new revision. */
  readonly rules: number
  /** Names that `exclude_fields` may use. */
  readonly fields: readonly string[]
  render(spec: DatasetSpec, identity: Identity): Renderer
}

/** A format bound to one spec: what the sink loop knows of it. */
export interface Renderer {
  readonly columns: readonly string[]
  /** Text before the rows of every file, and after them. */
  readonly head: string
  readonly tail: string
  /** Filters of the spec and the kind's own, on the event alone. */
  accepts(event: Event): boolean
  /** Why an event is not accepted, each reason a line that begins with its filter; none = it is. For a person who misses a row. */
  excludedBy(event: Event): readonly string[]
  /** One row with its line end, of an accepted event. Write it into bytes at once: kept as strings, rows cost three times as much. */
  row(event: Event): string
}
