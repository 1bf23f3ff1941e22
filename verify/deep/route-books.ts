import type { RouteLedger } from '../../schemas/route-ledger.js'
import type { EventTopicId } from '../../schemas/topics.js'
import type { Findings } from './findings.js'

/** The books of a partition or section, kept anew from the raw logs. */
export interface Book {
  readonly events: Record<string, number>
  readonly deadLetters: Record<string, number>
  readonly spans: Record<string, { first: number; last: number }>
  derived: number
  duplicates: number
  misplaced: number
  markers: number
}

export const emptyBook = (): Book => ({ events: {}, deadLetters: {}, spans: {}, derived: 0, duplicates: 0, misplaced: 0, markers: 0 })

export function addEvent(book: Book, topic: EventTopicId, kind: string, offset: number): void {
  if (kind === 'experiment_attribution') book.derived++
  else book.events[kind] = (book.events[kind] ?? 0) + 1
  const span = book.spans[topic] ?? { first: offset, last: offset }
  book.spans[topic] = { first: Math.min(span.first, offset), last: Math.max(span.last, offset) }
}

/** The sum of DESIGN §7 over a partition's book. */
export function accounted(book: Book): number {
  const all = [...Object.values(book.events), ...Object.values(book.deadLetters)]
  return all.reduce((sum, count) => sum + count, book.markers + book.misplaced + book.duplicates)
}

/** Says where `route-ledger` has another count. Refusals of a section are not compared: only route knows how far it could read them. */
export function compareBooks(place: string, book: Book, ledger: RouteLedger, findings: Findings): void {
  const whole = ledger.section === null
  for (const name of [
    'events',
    'derived',
    'duplicates',
    'spans',
    ...(whole ? (['deadLetters', 'misplaced', 'markers'] as const) : []),
  ] as const) {
    const [own, theirs] = [spelt(book[name]), spelt(ledger[name])]
    if (own !== theirs) findings.add('route-ledger', `${place}: ${name} is ${theirs}, the logs have ${own}`)
  }
}

/** Equal for equal counts, whatever the order of their names. */
function spelt(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([name, each]) => `${name} ${spelt(each)}`)
  return entries.sort().join(', ') || 'nothing'
}
