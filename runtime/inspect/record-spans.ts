import type { Log } from '../log.js'

/** Offsets of one partition, `to` not included. */
export interface RecordSpan {
  readonly partition: number
  readonly from: number
  readonly to: number
}

/** An offset, or a time in ms: the first record that was appended then or after. */
export type Bound = { readonly offset: number } | { readonly time: number }

/** What lies between two bounds in each partition, as far as it is decided: what an open transaction has written, or holds back, is not. */
export async function recordSpans(
  log: Log,
  topic: string,
  partitions: readonly number[],
  from: Bound | null,
  to: Bound | null,
): Promise<readonly RecordSpan[]> {
  const marks = await log.watermarks(topic, partitions)
  const begins = await offsetsOf(log, topic, partitions, from)
  const ends = await offsetsOf(log, topic, partitions, to)
  return partitions.map(partition => {
    const { low, stable } = marks.get(partition)!
    const begin = Math.max(low, begins?.get(partition) ?? low)
    return { partition, from: begin, to: Math.max(begin, Math.min(stable, ends?.get(partition) ?? stable)) }
  })
}

async function offsetsOf(
  log: Log,
  topic: string,
  partitions: readonly number[],
  bound: Bound | null,
): Promise<ReadonlyMap<number, number> | null> {
  if (bound === null) return null
  return 'time' in bound ? log.offsetsSince(topic, partitions, bound.time) : new Map(partitions.map(p => [p, bound.offset]))
}
