/** What route has done, as far as somebody has looked. */
export interface LagSample {
  /** ms since 1970 */
  readonly at: number
  /** Sum over partitions: route's positions, and the ends of `xapi`. */
  readonly positions: number
  readonly ends: number
}

/**
 * Keeps a backfill from running far ahead of route: live statements stand in the same queue, and should not wait behind minutes of history.
 * Pure: samples and times are told. Route alone sets the pace; when it does not move (nobody runs it) the backfill goes on.
 */
export interface LagGate {
  sample(sample: LagSample): void
  /** So many records were sent. */
  sent(records: number): void
  /** Milliseconds to wait before sending more; 0 = go on. */
  wait(now: number): number
}

/** History may stand in the queue for so long. */
const queueMs = 1_500
/** And so many records in any case: route needs something to show its speed with. */
const leastRecords = 20_000
/** Route counts as running when it moved within this time. */
const movingMs = 3_000
const longestWaitMs = 250

export function makeLagGate(): LagGate {
  let last: LagSample | null = null
  let movedAt = Number.NEGATIVE_INFINITY
  /** Records per ms. */
  let rate = 0
  let sinceSample = 0
  return {
    sample(sample) {
      if (last !== null && sample.at > last.at) {
        const measured = (sample.positions - last.positions) / (sample.at - last.at)
        if (sample.positions > last.positions) movedAt = sample.at
        // Up at once, down slowly: a pause for a commit is no slower route.
        rate = measured > rate ? measured : rate * 0.8 + measured * 0.2
      }
      last = sample
      sinceSample = 0
    },
    sent(records) {
      sinceSample += records
    },
    wait(now) {
      if (last === null || now - movedAt > movingMs) return 0
      const lag = last.ends - last.positions + sinceSample - rate * (now - last.at)
      const over = lag - Math.max(leastRecords, rate * queueMs)
      if (over <= 0) return 0
      return rate > 0 ? Math.min(longestWaitMs, Math.ceil(over / rate)) : longestWaitMs
    },
  }
}
