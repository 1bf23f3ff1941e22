import type { DatasetKind, SnapshotKind } from '../schemas/dataset-kinds.js'
import type { DatasetSpec } from '../schemas/dataset-spec.js'
import type { Event } from '../schemas/event.js'
import type { LearnerState } from '../schemas/learner-state.js'
import type { SessionState } from '../schemas/session-state.js'
import type { EventTopicId, StateTopicId } from '../schemas/topics.js'

/** How the actor of an event is printed, from (host, name); made from the spec's `anonymize`. */
export type Identity = (host: string, name: string) => string

/** A record of a state topic. */
export type State = LearnerState | SessionState

/**
 * One dataset kind: one file in `sinks/formats/` exporting one such value, one line in `topology.ts`.
 * A format is memoryless: equal records give equal rows, whatever came before.
 */
export type Format = EventFormat | SnapshotFormat

interface KindOf<Record> {
  readonly kind: DatasetKind
  readonly extension: 'csv'
  readonly contentType: string
  /** Raised by any release that changes a cell: a spec that is applied again then is a new revision. */
  readonly rules: number
  /** Categories (folders of a section) whose history its rows are made of; null = all that a section has. */
  readonly categories: readonly string[] | null
  /** Names that `exclude_fields` may use, each with what its cells say. */
  readonly fields: readonly Field[]
  render(spec: DatasetSpec, identity: Identity): Renderer<Record>
}

/** What the text of a cell stands for; how it is written is for the dialect to say. */
export type FieldType = 'text' | 'number' | 'time' | 'JSON' | 'list'

export interface Field {
  readonly name: string
  readonly type: FieldType
  readonly about: string
}

/** A row per event. */
export interface EventFormat extends KindOf<Event> {
  /** Topics its rows come from. */
  readonly topics: readonly EventTopicId[]
}

/** A row per key of a state topic. */
export interface SnapshotFormat extends KindOf<State> {
  readonly kind: SnapshotKind
  readonly table: StateTopicId
  readonly row: SnapshotRow
}

export interface SnapshotRow {
  /** What one row sums up the events of. */
  readonly of: 'learner' | 'session'
  /** Columns that no two rows are alike in, and that stay as they are while the others change. */
  readonly key: readonly string[]
}

export const isSnapshot = (format: Format): format is SnapshotFormat => 'table' in format

/** What `exclude_fields` may name, by kind. */
export function fieldNames(formats: readonly Format[]): Readonly<Record<DatasetKind, readonly string[]>> {
  const names = formats.map(format => [format.kind, format.fields.map(({ name }) => name)])
  return Object.fromEntries(names) as Record<DatasetKind, readonly string[]>
}

/** A format bound to one spec: what the sink loop knows of it. */
export interface Renderer<Record> {
  readonly columns: readonly string[]
  /** Text before the rows of every file, and after them. */
  readonly head: string
  readonly tail: string
  /** Filters of the spec and the kind's own, on the record alone. */
  accepts(record: Record): boolean
  /** Why an event is in no row, each reason a line that begins with its filter; none = it is in one. For a person who misses a row. */
  excludedBy(event: Event): readonly string[]
  /** One row with its line end, of an accepted record. Write it into bytes at once: kept as strings, rows cost three times as much. */
  row(record: Record): string
}
