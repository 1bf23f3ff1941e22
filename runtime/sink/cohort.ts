import type { Offsets } from '../../schemas/dataset-files.js'
import type { EventTopicId } from '../../schemas/topics.js'
import { isMarker } from '../is-marker.js'
import type { Fetched, LogRecord } from '../log.js'
import type { Codec } from '../registry/codec.js'
import { nextWorth, type Sections, type Span } from './ledger-spans.js'
import { appendRow, isFiled, type Member } from './member.js'
import type { OpenShare } from './open-budget.js'

/**
 * Datasets of one task that read from the same position: the live one, or some that are catching up together.
 * An event is decoded once for all of them.
 */
export interface Cohort {
  readonly next: Map<EventTopicId, number>
  readonly members: Member[]
  /** What of the log the members can have rows in; null = all, as far as is known. */
  spans: ReadonlyMap<EventTopicId, Span> | null
  /** The sections to ask the ledger for; null = it was asked, or need not be. */
  wants: Sections | null
}

export function makeCohort(topics: readonly EventTopicId[], from: Offsets, members: Member[], wants: Sections | null = null): Cohort {
  return { next: new Map(topics.map(topic => [topic, from[topic] ?? 0])), members, spans: null, wants }
}

/** Jumps over what cannot hold rows of the members, as far as the cohort in front. */
export function skipForeign(behind: Cohort, ahead: Cohort): void {
  if (behind.spans === null) return
  for (const [topic, offset] of behind.next) {
    const span = behind.spans.get(topic)
    if (span) behind.next.set(topic, nextWorth(span, offset, ahead.next.get(topic)!))
  }
}

export function offsetsOf(cohort: Cohort): Offsets {
  return Object.fromEntries(cohort.next)
}

export const samePosition = (a: Cohort, b: Cohort) => [...a.next].every(([topic, offset]) => b.next.get(topic) === offset)

/** True when `behind` has read all that `ahead` has. */
export const isAsFar = (behind: Cohort, ahead: Cohort) => [...behind.next].every(([topic, offset]) => offset >= ahead.next.get(topic)!)

/** Records between two positions (holes counted), as an upper bound of the work left. */
export function distance(behind: Cohort, ahead: Cohort): number {
  let sum = 0
  for (const [topic, offset] of behind.next) sum += Math.max(0, ahead.next.get(topic)! - offset)
  return sum
}

/**
 * Renders what was fetched of one topic into the open pieces and moves the position: both or neither, since nothing in between waits. Stops
 * when the task has to flush first.
 *
 * @returns the records behind the position, where it has stopped
 */
export function consume(
  cohort: Cohort,
  topic: EventTopicId,
  { records, next }: Pick<Fetched, 'records' | 'next'>,
  codec: Codec,
  share: OpenShare,
): readonly LogRecord[] {
  const all = cohort.members.filter(member => member.format.topics.includes(topic))
  const again = all.some(member => isFiled(member, topic, cohort.next.get(topic)!))
  for (const [i, record] of all.length > 0 ? records.entries() : []) {
    if (record.value === null || isMarker(record)) continue
    const takers = again ? all.filter(member => !isFiled(member, topic, record.offset)) : all
    if (takers.length === 0) continue
    const event = codec.decodeEvent(topic, record.value)
    let grown = 0
    for (const member of takers)
      if (member.renderer.accepts(event)) grown += appendRow(member, topic, member.renderer.row(event), record.offset, event.at)
    if (grown === 0) continue
    share.held += grown
    if (share.excess() === 0) continue
    cohort.next.set(topic, record.offset + 1)
    return records.slice(i + 1)
  }
  cohort.next.set(topic, next)
  return []
}

export const openRows = (cohort: Cohort) => cohort.members.reduce((sum, member) => sum + member.openRows, 0)
