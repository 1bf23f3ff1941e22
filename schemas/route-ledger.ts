import type { Kind } from './event.js'
import type { RefusalCode } from './refusal.js'
import type { EventTopicId } from './topics.js'

/** Sections of a partition with a record of their own, in the order in which they came: whoever keeps the books in memory can. */
export const mostSections = 10_000

/**
 * What became of the `xapi` records of one partition (key: the partition), of one section in it (key: partition|host|section), or of all
 * sections beyond `mostSections` together (key: partition|).
 * Law, per partition: records below `position` = markers + misplaced + events + duplicates + dead letters. Derived events are counted apart.
 */
export interface RouteLedger {
  readonly partition: number
  /** Both null in the partition's own record and in that of the rest. */
  readonly host: string | null
  readonly section: string | null
  /** Of all sections together that have no record of their own. */
  readonly rest: boolean
  /** By kind, derived ones not included. */
  readonly events: Readonly<Partial<Record<Kind, number>>>
  readonly derived: number
  readonly duplicates: number
  readonly deadLetters: Readonly<Partial<Record<RefusalCode, number>>>
  readonly misplaced: number
  readonly markers: number
  /** First and last offset of this section's (or partition's) events per topic. */
  readonly spans: Readonly<Partial<Record<EventTopicId, { readonly first: number; readonly last: number }>>>
  /** Only in the partition's record: where route stands, and the offsets behind its last outputs. */
  readonly position: RoutePosition | null
}

export interface RoutePosition {
  /** Next `xapi` offset. */
  readonly next: number
  /** `xapi` records seen below (control records and holes have none). */
  readonly records: number
  /** Append time in ms of the last `xapi` record below; 0 before the first. */
  readonly received: number
  /** Per topic the offset after the last output: a reader that is past all of these has everything below `next`. */
  readonly ends: Readonly<Partial<Record<EventTopicId, number>>>
}

const encode = (part: string) => part.replace(/[%|]/g, c => (c === '%' ? '%25' : '%7C'))

export function routeLedgerKey({ partition, host, section, rest }: Pick<RouteLedger, 'partition' | 'host' | 'section' | 'rest'>): string {
  if (rest) return `${partition}|`
  return host === null || section === null ? String(partition) : `${partition}|${encode(host)}|${encode(section)}`
}
