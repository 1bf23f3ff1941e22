import { TributaryError } from '../schemas/errors.js'
import type { Fetched, FetchLimits, Log, LogReader, LogRecord, TopicPartition } from './log.js'
import { stuckAfter } from './read-range.js'

/** A whole topic read by one process from its beginning and kept current: the tables of specs, files, runs and ledgers. */
export interface Tail {
  /** Reads everything that was stable at the call. */
  catchUp(): Promise<void>
  /** The same of the partitions that a broker answers for now. Returns the others, as `topic/partition`: what is known of them is older. */
  catchUpKnown(): Promise<readonly string[]>
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

const placeOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`
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

  async function targetsOf(ask: Log['watermarks']): Promise<Map<string, number>> {
    const targets = new Map<string, number>()
    for (const t of topics)
      for (const [partition, { stable }] of await ask(t.topic, [...Array(t.partitions).keys()]))
        targets.set(placeOf({ topic: t.topic, partition }), stable)
    return targets
  }

  /** Returns what was away on the way there. */
  async function readTo(targets: Map<string, number>, how: Pick<FetchLimits, 'maxWaitMs' | 'leaveAway'>): Promise<readonly string[]> {
    const away: string[] = []
    const behind = () => everything().filter(p => p.offset < (targets.get(placeOf(p)) ?? 0))
    let idle = 0
    for (let left = behind(); left.length > 0; left = behind()) {
      const fetched = await reader.fetch(left, { ...limits, ...how })
      idle = (await apply(fetched)) ? 0 : idle + 1
      for (const f of fetched)
        if (f.away && targets.delete(placeOf(f))) {
          away.push(placeOf(f))
          idle = 0
        }
      const { topic, partition, offset } = left[0]!
      if (idle >= stuckAfter) throw new TributaryError('READ_STUCK', `reading ${topic}/${partition}: no step beyond ${offset}`)
    }
    return away
  }

  return {
    async catchUp() {
      await readTo(await targetsOf((topic, partitions) => log.watermarks(topic, partitions)), { maxWaitMs: 0 })
    },
    async catchUpKnown() {
      const targets = await targetsOf((topic, partitions) => log.knownWatermarks(topic, partitions))
      const away = new Set(everything().flatMap(p => (targets.has(placeOf(p)) ? [] : [placeOf(p)])))
      for (const place of await readTo(targets, { maxWaitMs: 0, leaveAway: true })) away.add(place)
      return [...away]
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
