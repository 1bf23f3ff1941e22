import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

/** Time and identity as a port: simulation and tests give their own. */
export interface Clock {
  /**
   * Wall clock, ms since 1970: for stamps that people read, and beside times of other machines. It steps back and forth (NTP, a virtual
   * machine that was moved), so no interval comes from it; a test lists the files that may ask for it.
   */
  now(): number
  /** ms since some moment of this process: never goes back. All intervals and deadlines come from it. */
  monotonic(): number
  /** Resolves after `ms`, or at once when the signal aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A fresh random id. */
  uuid(): string
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : undefined).catch(() => undefined),
  uuid: () => randomUUID(),
}
