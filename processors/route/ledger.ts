import type { Event, Kind } from '../../schemas/event.js'
import type { RefusalCode } from '../../schemas/refusal.js'
import { mostSections, type RouteLedger, type RoutePosition, routeLedgerKey } from '../../schemas/route-ledger.js'
import { type EventTopicId, topicOfKind } from '../../schemas/topics.js'
import type { Outcome } from './route.js'

interface Span {
  first: number
  last: number
}

/** One ledger record while it is being added to. */
interface Account {
  readonly host: string | null
  readonly section: string | null
  readonly rest: boolean
  events: Partial<Record<Kind, number>>
  derived: number
  duplicates: number
  deadLetters: Partial<Record<RefusalCode, number>>
  misplaced: number
  markers: number
  spans: Partial<Record<EventTopicId, Span>>
}

/**
 * The books of one partition: a fold over outcomes, in which only counts, smallest and greatest offsets remain.
 *
 * Per record `addOutcome`; once the offsets of what it caused are known, `addAppended` for each appended event, derived ones too;
 * then `toRouteLedger` gives what changed, to be sent in the same transaction. When a transaction is not committed the books are
 * ahead of the log: throw them away and `restore` from the topic.
 */
export interface Ledger {
  readonly partition: number
  readonly total: Account
  /** By key. At most `mostSections`, and one more for the rest: nobody's invention of sections fills the memory. */
  readonly sections: Map<string, Account>
  /** Keys of the sections that changed since the last `toRouteLedger`. */
  readonly changed: Set<string>
  next: number
  records: number
  received: number
  readonly ends: Partial<Record<EventTopicId, number>>
}

export function newLedger(partition: number): Ledger {
  const total = newAccount({ host: null, section: null, rest: false })
  return { partition, total, sections: new Map(), changed: new Set(), next: 0, records: 0, received: 0, ends: {} }
}

/** Counts one `xapi` record. `received` = its append time in ms. */
export function addOutcome(ledger: Ledger, outcome: Outcome, at: { readonly offset: number; readonly received: number }): void {
  ledger.next = at.offset + 1
  ledger.records++
  ledger.received = Math.max(ledger.received, at.received)
  count(ledger.total, outcome)
  if (outcome.outcome === 'event' || outcome.outcome === 'duplicate') count(accountOf(ledger, outcome.event), outcome)
  if (outcome.outcome === 'dead-letter' && outcome.host !== null && outcome.section !== null)
    count(accountOf(ledger, { host: outcome.host, section: outcome.section }), outcome)
}

/** Goes past offsets that hold no record for anybody (control records, compacted or aborted ones). */
export function skipTo(ledger: Ledger, next: number): void {
  ledger.next = Math.max(ledger.next, next)
}

/** Where an event was appended, in its topic's partition. */
export function addAppended(ledger: Ledger, event: Pick<Event, 'kind' | 'host' | 'section'>, offset: number): void {
  const topic = topicOfKind[event.kind]
  widen(ledger.total, topic, offset, offset)
  widen(accountOf(ledger, event), topic, offset, offset)
  ledger.ends[topic] = Math.max(ledger.ends[topic] ?? 0, offset + 1)
}

/** The partition's record, and those of all sections that changed since the last call. */
export function toRouteLedger(ledger: Ledger): readonly RouteLedger[] {
  const position: RoutePosition = { next: ledger.next, records: ledger.records, received: ledger.received, ends: { ...ledger.ends } }
  const records = [toRecord(ledger, ledger.total, position)]
  for (const key of ledger.changed) records.push(toRecord(ledger, ledger.sections.get(key)!, null))
  ledger.changed.clear()
  return records
}

/** Takes over a record of the topic; the last of a key counts. */
export function restore(ledger: Ledger, record: RouteLedger): void {
  const key = routeLedgerKey(record)
  if (key === String(ledger.partition)) {
    Object.assign(ledger.total, toAccount(record))
    if (record.position === null) return
    const { next, records, received, ends } = record.position
    Object.assign(ledger, { next, records, received })
    Object.assign(ledger.ends, ends)
  } else ledger.sections.set(key, toAccount(record))
}

type Name = Pick<Account, 'host' | 'section' | 'rest'>

function newAccount({ host, section, rest }: Name): Account {
  return { host, section, rest, events: {}, derived: 0, duplicates: 0, deadLetters: {}, misplaced: 0, markers: 0, spans: {} }
}

function accountOf(ledger: Ledger, { host, section }: { readonly host: string; readonly section: string }): Account {
  const { partition, sections } = ledger
  const own = { host, section, rest: false }
  const ownKey = routeLedgerKey({ partition, ...own })
  // Once in the rest always in the rest: no account is ever closed.
  const counted = sections.has(ownKey) || sections.size < mostSections ? own : { host: null, section: null, rest: true }
  const key = counted.rest ? routeLedgerKey({ partition, ...counted }) : ownKey
  let account = sections.get(key)
  if (account === undefined) {
    account = newAccount(counted)
    sections.set(key, account)
  }
  ledger.changed.add(key)
  return account
}

function count(account: Account, outcome: Outcome): void {
  switch (outcome.outcome) {
    case 'marker':
      account.markers++
      return
    case 'misplaced':
      account.misplaced++
      return
    case 'dead-letter':
      account.deadLetters[outcome.refusal.code] = (account.deadLetters[outcome.refusal.code] ?? 0) + 1
      return
    case 'duplicate':
      account.duplicates++
      account.derived += outcome.derived.length
      return
    case 'event':
      account.events[outcome.event.kind] = (account.events[outcome.event.kind] ?? 0) + 1
      account.derived += outcome.derived.length
  }
}

function widen(account: Account, topic: EventTopicId, first: number, last: number): void {
  const span = account.spans[topic]
  if (span === undefined) account.spans[topic] = { first, last }
  else {
    span.first = Math.min(span.first, first)
    span.last = Math.max(span.last, last)
  }
}

function toRecord(ledger: Ledger, account: Account, position: RoutePosition | null): RouteLedger {
  const { host, section, rest, derived, duplicates, misplaced, markers } = account
  return {
    partition: ledger.partition,
    host,
    section,
    rest,
    events: { ...account.events },
    derived,
    duplicates,
    deadLetters: { ...account.deadLetters },
    misplaced,
    markers,
    spans: copySpans(account.spans),
    position,
  }
}

function toAccount(record: RouteLedger): Account {
  const { host, section, rest, derived, duplicates, misplaced, markers } = record
  const counts = { events: { ...record.events }, deadLetters: { ...record.deadLetters }, spans: copySpans(record.spans) }
  return { host, section, rest, derived, duplicates, misplaced, markers, ...counts }
}

/** Records outlive the next addition: they share nothing with the books. */
function copySpans(spans: RouteLedger['spans']): Partial<Record<EventTopicId, Span>> {
  const copy: Partial<Record<EventTopicId, Span>> = {}
  for (const topic of Object.keys(spans) as EventTopicId[]) {
    const span = spans[topic]
    if (span !== undefined) copy[topic] = { first: span.first, last: span.last }
  }
  return copy
}
