/** What route and the sinks have done, as far as somebody has looked. */
export interface LagSample {
  /** ms since 1970 */
  readonly at: number
  /** Sum over partitions: route's positions, and the ends of `xapi`. */
  readonly positions: number
  readonly ends: number
  /** How late the latest sink was when it last wrote files; null = none is behind, or none is known. */
  readonly lateMs: number | null
}

/** Backfill brings history, follow what is new: before it history gives way. */
export type Priority = 'history' | 'live'

/**
 * Keeps whoever reads objects from running far ahead of route and the sinks: live statements stand in the same queues, and should not wait
 * behind minutes of others. Pure: samples and times are told. Where nobody runs a role the reading does not wait for it.
 */
export interface LagGate {
  sample(sample: LagSample): void
  /** Somebody has sent, or asked, since the last sample. */
  readonly inUse: boolean
  /** So many records were sent. */
  sent(records: number): void
  /** Milliseconds to wait before sending more; 0 = go on. */
  wait(now: number): number
}

/**
 * So long may the queue be, and so many records in any case: route needs something to show its speed with. Live may make it longer than
 * history may: while a follow has much to bring, a backfill waits, and never the other way round.
 */
const limits: Readonly<Record<Priority, { readonly queueMs: number; readonly leastRecords: number; readonly lateMs: number }>> = {
  history: { queueMs: 1_500, leastRecords: 20_000, lateMs: 5_000 },
  live: { queueMs: 3_000, leastRecords: 40_000, lateMs: 10_000 },
}
/**
 * A role that moved within this time runs, or will be back: a killed instance's tasks go on after its session has timed out. To go on
 * meanwhile would heap up in seconds what live statements then stand behind.
 */
const awayMs = 30_000
const longestWaitMs = 250

export function makeLagGate(priority: Priority): LagGate {
  const { queueMs, leastRecords, lateMs } = limits[priority]
  let last: LagSample | null = null
  let movedAt = Number.NEGATIVE_INFINITY
  /** Records per ms. */
  let rate = 0
  let sinceSample = 0
  let inUse = false
  return {
    get inUse() {
      return inUse
    },
    sample(sample) {
      if (last !== null && sample.at > last.at) {
        const measured = (sample.positions - last.positions) / (sample.at - last.at)
        if (sample.positions > last.positions) movedAt = sample.at
        // Up at once, down slowly: a pause for a commit is no slower route.
        rate = measured > rate ? measured : rate * 0.8 + measured * 0.2
      }
      last = sample
      sinceSample = 0
      inUse = false
    },
    sent(records) {
      sinceSample += records
      inUse = true
    },
    wait(now) {
      inUse = true
      if (last !== null && now - last.at < awayMs && (last.lateMs ?? 0) > lateMs) return longestWaitMs
      if (last === null || now - movedAt > awayMs) return 0
      const lag = last.ends - last.positions + sinceSample - rate * (now - last.at)
      const over = lag - Math.max(leastRecords, rate * queueMs)
      if (over <= 0) return 0
      return rate > 0 ? Math.min(longestWaitMs, Math.ceil(over / rate)) : longestWaitMs
    },
  }
}
