import { TributaryError } from '../schemas/errors.js'
import type { Fetched, Log, LogReader, LogRecord } from './log.js'
import { stuckAfter } from './read-range.js'

/** A whole topic read by one process from its beginning and kept current: the tables of specs, files, runs and ledgers. */
export interface Tail {
  /** Reads everything that was stable at the call. */
  catchUp(): Promise<void>
  /**
   * One poll; true when something came. What no broker answers for stands still, and keeps nothing from the other partitions: it is an error
   * after they were taken in.
   */
  poll(maxWaitMs: number): Promise<boolean>
  /** Next offset per topic and partition, as of what `onRecord` was given. */
  positions(topic: string): readonly number[]
  close(): Promise<void>
}

export interface TailedTopic {
  readonly topic: string
  readonly partitions: number
  /** Awaited before the records of a fetch are given out one by one. */
  before?(records: readonly LogRecord[]): Promise<void>
  onRecord(record: LogRecord, partition: number): void
}

const limits = { maxBytes: 8 << 20, maxBytesPerPartition: 1 << 20 }

export function makeTail(log: Log, topics: readonly TailedTopic[]): Tail {
  const reader: LogReader = log.reader()
  const next = new Map(topics.map(t => [t.topic, Array.from({ length: t.partitions }, () => 0)]))

  const everything = () => topics.flatMap(t => next.get(t.topic)!.map((offset, partition) => ({ topic: t.topic, partition, offset })))

  async function apply(fetched: readonly Fetched[]): Promise<boolean> {
    let news = false
    for (const f of fetched) {
      const positions = next.get(f.topic)!
      if (f.broken) throw f.broken
      if (f.away) continue
      if (f.lost) {
        // A table may start behind offset 0 (old segments compacted away); a position that was read before must not get lost.
        if (positions[f.partition] !== 0)
          throw new TributaryError(
            'OFFSET_LOST',
            `reading ${f.topic}/${f.partition} at ${positions[f.partition]}: it holds ${f.lost.low} to ${f.lost.high}`,
          )
        positions[f.partition] = f.lost.low
        news = true
        continue
      }
      const { before, onRecord } = topics.find(t => t.topic === f.topic)!
      if (before && f.records.length > 0) await before(f.records)
      for (const record of f.records) onRecord(record, f.partition)
      if (f.next > positions[f.partition]!) {
        positions[f.partition] = f.next
        news = true
      }
    }
    return news
  }

  return {
    async catchUp() {
      const targets = new Map<string, number>()
      for (const t of topics) {
        const marks = await log.watermarks(t.topic, [...Array(t.partitions).keys()])
        for (const [partition, mark] of marks) targets.set(`${t.topic}/${partition}`, mark.stable)
      }
      const behind = () => everything().filter(p => p.offset < targets.get(`${p.topic}/${p.partition}`)!)
      let idle = 0
      for (let left = behind(); left.length > 0; left = behind()) {
        idle = (await apply(await reader.fetch(left, { ...limits, maxWaitMs: 0 }))) ? 0 : idle + 1
        const { topic, partition, offset } = left[0]!
        if (idle >= stuckAfter) throw new TributaryError('READ_STUCK', `reading ${topic}/${partition}: no step beyond ${offset}`)
      }
    },
    async poll(maxWaitMs) {
      const fetched = await reader.fetch(everything(), { ...limits, maxWaitMs, leaveAway: true })
      const news = await apply(fetched)
      const away = fetched.find(f => f.away !== undefined)?.away
      if (away !== undefined) throw away
      return news
    },
    positions: topic => next.get(topic)!,
    close: () => reader.close(),
  }
}
