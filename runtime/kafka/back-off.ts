import { setTimeout as wait } from 'node:timers/promises'

/**
 * Waits of 5 ms, each half as long again, at most 300 ms: a transaction's markers are written within milliseconds, and
 * kafkajs's own 300 ms made every second short transaction slow (measured). Bounded by a deadline.
 */
export class BackOff {
  readonly #started = performance.now()
  readonly #limitMs: number
  #next = 5

  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  get expired(): boolean {
    return this.lastedMs >= this.#limitMs
  }

  get lastedMs(): number {
    return performance.now() - this.#started
  }

  async wait(): Promise<void> {
    await wait(this.#next)
    this.#next = Math.min(this.#next * 1.5, 300)
  }
}
