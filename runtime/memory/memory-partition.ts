import { TributaryError } from '../../schemas/errors.js'
import type { Fetched, LogRecord, OpenTransaction, OutRecord, RecordHeader, Watermarks } from '../log.js'

/** One transaction of one producer; its records are decided by `state` when its markers are written. */
export interface MemoryTransaction {
  readonly transactionalId: string
  readonly producerId: number
  state: 'open' | 'committed' | 'aborted'
  /** Set when it was left open in a partition: how it ended everywhere else. */
  readonly decided?: MemoryTransaction['state']
  readonly started: number
  readonly partitions: Set<MemoryPartition>
}

interface Entry extends LogRecord {
  readonly transaction: MemoryTransaction | undefined
  /** A commit or abort marker: it takes an offset and is never shown. */
  readonly control: boolean
}

export type Read = Pick<Fetched, 'records' | 'next' | 'broken'>

/** One partition: entries in offset order, with holes where compaction was. */
export class MemoryPartition {
  #entries: Entry[] = []
  #low = 0
  #high = 0
  #damagedAt = Number.POSITIVE_INFINITY
  readonly #open = new Map<MemoryTransaction, number>()
  /** Transactional ids that have ever written here; '' = somebody without one. */
  readonly writers = new Set<string>()

  get marks(): Watermarks {
    let stable = this.#high
    for (const first of this.#open.values()) if (first < stable) stable = first
    return { low: this.#low, stable, high: this.#high }
  }

  /** Behind the last record of a decided transaction that no open one precedes, although its marker may never come. */
  get decided(): number {
    let end = this.#high
    for (const [transaction, first] of this.#open) if (transaction.decided === undefined && first < end) end = first
    return end
  }

  /** The open transactions, oldest first. */
  get open(): readonly OpenTransaction[] {
    const open = [...this.#open].map(([{ producerId, transactionalId }, firstOffset]) => ({ producerId, transactionalId, firstOffset }))
    return open.sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** The first offset appended at or after `time`; the end if there is none. */
  offsetSince(time: number): number {
    return this.#entries.find(entry => entry.timestamp >= time)?.offset ?? this.#high
  }

  append(records: readonly OutRecord[], transaction: MemoryTransaction | undefined, timestamp: number): { first: number; last: number } {
    const first = this.#high
    this.writers.add(transaction?.transactionalId ?? '')
    if (transaction !== undefined && !this.#open.has(transaction)) {
      this.#open.set(transaction, first)
      transaction.partitions.add(this)
      // To a broker the records of one producer without a marker in between are one transaction.
      const left = this.leftOpen(transaction.producerId)
      if (left !== undefined) this.#hand(left.transaction, transaction)
    }
    for (const record of records) this.#push(copied(record), transaction, false, timestamp)
    return { first, last: this.#high - 1 }
  }

  /** The marker that ends a transaction here. */
  end(transaction: MemoryTransaction, timestamp: number): void {
    this.#open.delete(transaction)
    this.#push({ key: null, value: null, headers: [] }, transaction, true, timestamp)
  }

  /** Its marker never comes: decided everywhere else, the transaction stays open here. */
  leaveOpen(transaction: MemoryTransaction): void {
    const left: MemoryTransaction = { ...transaction, state: 'open', decided: transaction.state, partitions: new Set([this]) }
    this.#hand(transaction, left)
  }

  /** A transaction of the producer that was left open. */
  leftOpen(producerId: number): { readonly transaction: MemoryTransaction; readonly firstOffset: number } | undefined {
    for (const [transaction, firstOffset] of this.#open)
      if (transaction.producerId === producerId && transaction.decided !== undefined) return { transaction, firstOffset }
    return undefined
  }

  /** What is committed, whether or not a reader can see it yet. */
  readDecided(offset: number): Pick<Read, 'records' | 'next'> {
    const next = this.decided
    const committed = this.#entries.filter(
      ({ offset: at, control, transaction }) =>
        at >= offset && at < next && !control && (transaction?.decided ?? transaction?.state) !== 'aborted',
    )
    return { records: committed.map(shown), next }
  }

  read(offset: number, end: number, maxBytes: number): Read {
    if (offset === this.#damagedAt)
      return { records: [], next: offset, broken: new TributaryError('CORRUPT_BATCH', `reading at offset ${offset}`) }
    const limit = Math.min(this.marks.stable, end, this.#damagedAt)
    const records: LogRecord[] = []
    let bytes = 0
    for (let i = this.#indexOf(offset); i < this.#entries.length; i++) {
      const entry = this.#entries[i]!
      if (entry.offset >= limit) break
      // At least one record comes, however large: else a small limit would never pass it.
      if (bytes >= maxBytes) return { records, next: entry.offset }
      bytes += 20 + (entry.key?.length ?? 0) + (entry.value?.length ?? 0)
      if (!entry.control && entry.transaction?.state !== 'aborted') records.push(shown(entry))
    }
    return { records, next: Math.max(offset, limit) }
  }

  /** Below the stable offset keeps the last committed record of each key; aborted records and markers go. */
  compact(keepTombstones: boolean): void {
    const { stable } = this.marks
    const last = new Map<string, number>()
    const counts = (entry: Entry) => !entry.control && entry.transaction?.state !== 'aborted'
    for (const entry of this.#entries) if (entry.offset < stable && counts(entry)) last.set(nameOf(entry), entry.offset)
    this.#entries = this.#entries.filter(entry => {
      if (entry.offset >= stable) return true
      return counts(entry) && last.get(nameOf(entry)) === entry.offset && (keepTombstones || entry.value !== null)
    })
  }

  /** Deletes everything before `offset`, like retention does. */
  truncate(offset: number): void {
    this.#low = Math.max(this.#low, Math.min(offset, this.#high))
    this.#entries = this.#entries.filter(entry => entry.offset >= this.#low)
  }

  /** As if a disk had spoilt what is there: nobody can read it, nor past it. */
  damage(offset: number): void {
    this.#damagedAt = offset
  }

  /** Gives the records of one transaction to another. */
  #hand(from: MemoryTransaction, to: MemoryTransaction): void {
    this.#open.set(to, Math.min(this.#open.get(from)!, this.#open.get(to) ?? Number.POSITIVE_INFINITY))
    this.#open.delete(from)
    this.#entries = this.#entries.map(entry => (entry.transaction === from ? { ...entry, transaction: to } : entry))
  }

  #push(
    record: Pick<LogRecord, 'key' | 'value' | 'headers'>,
    transaction: MemoryTransaction | undefined,
    control: boolean,
    timestamp: number,
  ): void {
    this.#entries.push({ ...record, offset: this.#high++, timestamp, transaction, control })
  }

  /** The first entry at or after `offset`. */
  #indexOf(offset: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#entries[middle]!.offset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Copied: a writer may use its buffers again. */
function copied(record: OutRecord): Pick<LogRecord, 'key' | 'value' | 'headers'> {
  return {
    key: record.key === null ? null : Buffer.from(record.key),
    value: record.value === null ? null : Buffer.from(record.value),
    headers: (record.headers ?? []).map(([name, value]): RecordHeader => [name, Buffer.from(value as string)]),
  }
}

function shown({ offset, timestamp, key, value, headers }: Entry): LogRecord {
  return { offset, timestamp, key, value, headers }
}

function nameOf(entry: Entry): string {
  return entry.key?.toString('latin1') ?? ''
}
