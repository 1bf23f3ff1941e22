import { type RouteLedger, routeLedgerKey } from '../../schemas/route-ledger.js'
import type { Fetched, LogRecord } from '../log.js'
import type { Codec } from '../registry/codec.js'
import type { KnownLedger } from './ledger-spans.js'

/**
 * What `route-ledger` says of one partition: of every key the last record. It is read when the first dataset asks, a step at a time beside live
 * reading, and kept current by live reading from then on.
 */
export class LedgerTable {
  /** Next offset; 0 = nobody has asked yet. */
  next = 0
  /**
   * It has all that was stable at its last step. Before that nothing may be concluded: of a transaction the position comes first, and of what
   * compaction took away meanwhile the newer record lies ahead.
   */
  get whole(): boolean {
    return this.next >= this.#stable
  }
  readonly records = new Map<string, KnownLedger>()
  /** The last record with a position. */
  last: { readonly ledger: RouteLedger; readonly offset: number } | null = null
  #stable = 0
  readonly #codec: Codec

  constructor(codec: Codec) {
    this.#codec = codec
  }

  /** Takes in what was read from this offset on, unless it does not know what lies before. */
  async take(from: number, { records, next, stable }: Pick<Fetched, 'records' | 'next' | 'stable'>): Promise<void> {
    if (from > this.next) return
    const newest = new Map<string, LogRecord>()
    for (const record of records) if (record.offset >= this.next && record.value !== null) newest.set(record.key!.toString(), record)
    const values = [...newest.values()].map(({ value }) => value!)
    await this.#codec.learn('route-ledger', values)
    for (const [i, { offset }] of [...newest.values()].entries()) {
      const ledger = this.#codec.decodeLedger(values[i]!)
      const { host, section, rest, spans, position } = ledger
      this.records.set(routeLedgerKey(ledger), { host, section, rest, spans, position })
      if (position !== null && offset > (this.last?.offset ?? -1)) this.last = { ledger, offset }
    }
    this.next = Math.max(this.next, next)
    this.#stable = Math.max(this.#stable, stable)
  }
}
