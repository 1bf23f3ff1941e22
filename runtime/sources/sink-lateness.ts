/** How late sinks are, told by their progress records. Pure: records and times are told. */
export interface SinkLateness {
  /**
   * A sink task has just covered `xapi` up to an offset whose record was appended `lateMs` before: that long it took from entry to file.
   * Rows that only waited for their freshness are not late: then the task has covered all that is there.
   */
  covered(partition: number, xapi: number, lateMs: number, at: number): void
  /** Of the latest task that has not covered everything; null = not known, or nobody writes any more. */
  worst(ends: readonly number[], now: number): number | null
  /** What was told so far was about another time. */
  forget(): void
}

interface Task {
  readonly xapi: number
  readonly lateMs: number
  readonly at: number
  /** Between its last two records. */
  readonly everyMs: number
}

/** A task gathers rows for a share of the freshness, so for some seconds it says nothing at all. */
const usualMs = 5_000
/** Who has been silent for so long does not work any more: a dead instance's tasks go on elsewhere in a fifth of it. */
const silentMs = 60_000

export function sinkLateness(): SinkLateness {
  const tasks = new Map<number, Task>()
  return {
    covered(partition, xapi, lateMs, at) {
      const before = tasks.get(partition)
      tasks.set(partition, { xapi, lateMs, at, everyMs: before === undefined ? usualMs : at - before.at })
    },
    worst(ends, now) {
      let worst: number | null = null
      for (const [partition, { xapi, lateMs, at, everyMs }] of tasks) {
        if (xapi >= ends[partition]! || now - at > silentMs) continue
        // One that should have written again, and has not, is as much later.
        const overdue = now - at - Math.max(usualMs, everyMs)
        worst = Math.max(worst ?? 0, lateMs + Math.max(0, overdue))
      }
      return worst
    },
    forget: () => tasks.clear(),
  }
}
