const soonMs = 100

/** Beats at its usual pace, and more often for a while after `quicken`: when something has changed, more may be about to. `stop` is for good. */
export class Pulse {
  readonly #beat: () => void
  readonly #usualMs: number
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(usualMs: number, beat: () => void) {
    this.#usualMs = usualMs
    this.#beat = beat
  }

  quicken(): void {
    this.#next(soonMs)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #next(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#stopped) return
    const wait = Math.min(ms, this.#usualMs)
    this.#timer = setTimeout(() => {
      this.#next(wait * 2)
      this.#beat()
    }, wait)
  }
}
