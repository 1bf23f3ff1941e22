/**
 * Brokers stamp records, and the leaders of two partitions are two machines: so far may their clocks differ, and so late may a record that
 * was stamped already become visible. Where it is more, a time that was published too late is taken back when the log shows it.
 */
const clocksDifferMs = 1_000

/** Everything that was appended to a partition of `xapi` up to `time` lies below `end`. Times are append times, ms. */
export interface Reached {
  readonly end: number
  readonly time: number
  /** Of the last record below `end`; null = not known. */
  readonly received: number | null
}

/** Beyond so many the oldest are forgotten: then less is known, and nothing wrong. */
const most = 64

/**
 * Up to when everything is below an offset of `xapi`, by the log alone: by the last record below it, and by ends that were asked for after
 * a record of `dataset-files` was seen: what had been appended to `xapi` before that record was, lies below such an end.
 */
export class AppendTimes {
  readonly #reached = new Map<number, Reached[]>()

  /** After a record of `dataset-files` that was appended at `seen` had been read, this partition of `xapi` ended at `end`. */
  asked(partition: number, seen: number, end: number): void {
    const known = this.#of(partition)
    const time = seen - clocksDifferMs
    const last = known.at(-1)
    if (last?.end === end) known.pop()
    known.push({ end, time, received: last?.end === end ? last.received : null })
    if (known.length > most) known.shift()
  }

  /** ms; 0 = nothing is known. `received`: append time of the last record below `xapi`, 0 = there is none. */
  through(partition: number, xapi: number, received: number, published: Reached | null): number {
    const holds = this.#of(partition)
      .filter(each => !isDisproved(each, xapi, received))
      .map(each => (each.end === xapi ? { ...each, received } : each))
    this.#reached.set(partition, holds)
    const times = [...holds, ...(published === null || isDisproved(published, xapi, received) ? [] : [published])]
    return Math.max(received, ...times.filter(({ end }) => end <= xapi).map(({ time }) => time))
  }

  #of(partition: number): Reached[] {
    const known = this.#reached.get(partition) ?? []
    this.#reached.set(partition, known)
    return known
  }
}

/**
 * A record behind `end` has an earlier time: a clock was set back, or was ahead. Where the last record is the same as before there was none:
 * offsets are also taken by what is no record (markers of transactions, records of aborted ones).
 */
const isDisproved = (reached: Reached, xapi: number, received: number) =>
  xapi > reached.end && received < reached.time && received !== reached.received
