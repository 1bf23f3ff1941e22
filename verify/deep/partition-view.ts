import type { RouteLedger } from '../../schemas/route-ledger.js'
import { topicName } from '../../schemas/topics.js'
import type { AvroValues } from './avro-values.js'
import type { DeepCounts, DeepTarget } from './deep-target.js'
import type { Findings } from './findings.js'
import { IdTable } from './id-table.js'
import type { MovedRecords } from './moved-records.js'
import { logEnds, readLog } from './read-log.js'
import { type Book, emptyBook } from './route-books.js'
import type { SourceLines } from './source-lines.js'

/** What all steps of the check share. */
export interface Check {
  readonly target: DeepTarget
  readonly avro: AvroValues
  readonly findings: Findings
  readonly counts: DeepCounts
  readonly sources: SourceLines
  readonly moved: MovedRecords
}

/** One partition while it is checked: everything is judged as of the position that its ledger had first of all. */
export interface PartitionView {
  readonly partition: number
  /** Next `xapi` offset of route. */
  readonly next: number
  /** The partition's own record; null = route has not begun. */
  readonly ledger: RouteLedger | null
  readonly sectionLedgers: readonly RouteLedger[]
  readonly book: Book
  readonly sections: Map<string, Book>
  /** Event id → `xapi` offset it was made from; `-1 - offset` once that record was met and tells it. */
  readonly events: IdTable
  /** By `xapi` offset; about 250 bytes for each. */
  readonly letters: Map<number, Letter>
}

/** A dead letter of a record. */
export interface Letter {
  readonly id: string
  readonly code: string
  readonly sha256: string
}

export async function openPartition({ target, avro }: Check, partition: number): Promise<PartitionView> {
  const ledgers = new Map<string, RouteLedger>()
  const topic = topicName('route-ledger', target.naming)
  const { low, stable } = await logEnds(target.wire, topic, partition)
  for await (const { key, value } of readLog(target.wire, topic, partition, low, stable))
    if (value !== null) ledgers.set(key?.toString() ?? '', (await avro.read(value)) as RouteLedger)
  const ledger = ledgers.get(String(partition)) ?? null
  const next = ledger?.position?.next ?? 0
  const sectionLedgers = [...ledgers.values()].filter(each => each.section !== null)
  const parts = { book: emptyBook(), sections: new Map<string, Book>(), events: new IdTable(), letters: new Map<number, Letter>() }
  return { partition, next, ledger, sectionLedgers, ...parts }
}

export function sectionBook(
  view: PartitionView,
  { host, section }: { readonly host: string | null; readonly section: string | null },
): Book {
  const key = JSON.stringify([host, section])
  const book = view.sections.get(key) ?? emptyBook()
  view.sections.set(key, book)
  return book
}
