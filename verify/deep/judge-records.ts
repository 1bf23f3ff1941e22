import { createHash } from 'node:crypto'
import { headers as names } from '../../schemas/headers.js'
import { topicName } from '../../schemas/topics.js'
import { type Fact, factOf } from './fact.js'
import { homePartition } from './home-partition.js'
import { type Check, type Letter, type PartitionView, sectionBook } from './partition-view.js'
import { logEnds, readLog } from './read-log.js'
import type { LogEntry } from './record-batches.js'
import { accounted, compareBooks } from './route-books.js'

/** Reads `xapi` and finds the one outcome of every record below route's position; then the books must agree. */
export async function judgeRecords(check: Check, view: PartitionView): Promise<void> {
  const { target, findings, counts, sources, moved } = check
  const topic = topicName('xapi', target.naming)
  const { low, stable } = await logEnds(target.wire, topic, view.partition)
  let records = 0
  for await (const record of readLog(target.wire, topic, view.partition, low, stable)) {
    const { value, headers, offset } = record
    const source = headers.get(names.source)
    if (source !== undefined && value !== null) sources.meet(source, value, false)
    const placed = headers.get(names.placed)
    if (placed !== undefined) moved.copy(placed, value)
    // Above the position nothing is judged; copies of misplaced records and lines may lie there.
    if (offset >= view.next) continue
    records++
    judge(check, view, record, `${topic}/${view.partition}/${offset}`)
  }
  counts.records += records
  reportLeft(check, view, low)
  if (view.next > stable) findings.add('route-ledger', `${topic}/${view.partition} ends at ${stable}, below route's position ${view.next}`)
  // Old statements may have been deleted: then counts say nothing.
  if (view.ledger === null || low > 0) return
  const sum = accounted(view.book)
  if (records !== sum) findings.add('sum', `partition ${view.partition}: ${records} xapi records, ${sum} outcomes`)
  const said = view.ledger.position?.records ?? 0
  if (records !== said) findings.add('route-ledger', `partition ${view.partition}: says ${said} records, xapi has ${records}`)
  compareBooks(`partition ${view.partition}`, view.book, view.ledger, findings)
  for (const each of view.sectionLedgers)
    compareBooks(`partition ${view.partition}, section ${each.section} of ${each.host}`, sectionBook(view, each), each, findings)
}

function judge(check: Check, view: PartitionView, record: LogEntry, place: string): void {
  const { findings, target, moved } = check
  const { value, headers, offset } = record
  const letter = view.letters.get(offset)
  const marked = headers.has(names.marker)
  // What is too large for route may be too large to be read here.
  const told = marked || letter?.code === 'too_large' ? null : factOf(value, headers.get(names.assignedId))
  if (letter !== undefined) {
    compareLetter(check, record, letter, place)
    view.book.deadLetters[letter.code] = (view.book.deadLetters[letter.code] ?? 0) + 1
    view.letters.delete(offset)
    if (told !== null && view.events.get(told.id) === offset) findings.add('statement', `${place} is an event and a dead letter`)
  } else if (marked) view.book.markers++
  else if (told === null) findings.add('statement', `${place} is neither in the events nor in the dead letters`)
  else if (homePartition(told.learnerKey, target.partitions) === view.partition) judgeFact(check, view, told, offset, place)
  else if (headers.has(names.placed)) findings.add('misplaced', `${place} was placed once, is still wrong, and is no dead letter`)
  else {
    view.book.misplaced++
    moved.original(`${view.partition}/${offset}`, value)
  }
}

/** The first record that tells a fact is its event, all later ones are duplicates. */
function judgeFact({ findings }: Check, view: PartitionView, told: Fact, offset: number, place: string): void {
  for (const id of [told.id, ...told.derived]) {
    const src = view.events.get(id)
    const what = id === told.id ? place : `an attribution of ${place}`
    if (src === undefined) findings.add('statement', `${what} is neither in the events nor in the dead letters (id ${id.toString('hex')})`)
    else if (src === offset) view.events.set(id, -1 - offset)
    else if (src > offset) findings.add('statement', `${what} tells an event that names a later record, ${view.partition}/${src}`)
    if (id === told.id && src !== undefined && src !== offset) {
      view.book.duplicates++
      sectionBook(view, told).duplicates++
    }
  }
}

function compareLetter({ findings }: Check, { value, headers, offset }: LogEntry, letter: Letter, place: string): void {
  const bytes = value ?? Buffer.alloc(0)
  if (createHash('sha256').update(bytes).digest('hex') !== letter.sha256) findings.add('dead letter', `of ${place} has other bytes`)
  const line = /^(s3:\/\/.+)#(\d+)$/s.exec(headers.get(names.source) ?? '')
  const [topic, partition] = place.split(/\/(?=\d+\/\d+$)/)
  const named = line === null ? ['record', topic, Number.parseInt(partition ?? '', 10), offset] : ['line', line[1], Number(line[2])]
  const replayed = /^[0-9a-f]{32}$/.exec(headers.get(names.replay) ?? '')?.[0]
  const id = replayed ?? createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 32)
  if (id !== letter.id) findings.add('dead letter', `of ${place} has the id of another place`)
}

function reportLeft({ findings }: Check, view: PartitionView, low: number): void {
  const judged = (src: number) => src >= low && src < view.next
  for (const [id, src] of view.events.entries())
    if (judged(src)) findings.add('event without origin', `id ${id}: xapi ${view.partition}/${src} does not tell it`)
  for (const offset of view.letters.keys())
    if (judged(offset)) findings.add('dead letter', `names xapi ${view.partition}/${offset}, which holds nothing`)
}
