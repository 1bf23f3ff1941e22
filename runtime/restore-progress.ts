import type { Clock } from './clock.js'
import type { Logger } from './logger.js'

const everyMs = 5_000

/** Says how a long restore is getting on: nobody should wonder whether a task is stuck. Short ones say nothing. */
export function restoreProgress(clock: Clock, logger: Logger, place: string, from: number, to: number) {
  const began = clock.monotonic()
  let said = began
  return {
    /** The next offset to read. */
    note(next: number): void {
      const now = clock.monotonic()
      if (now - said < everyMs) return
      said = now
      const perSecond = Math.round(((next - from) * 1000) / (now - began))
      const leftSeconds = perSecond > 0 ? Math.round((to - next) / perSecond) : null
      logger.info({ place, next, to, perSecond, leftSeconds }, 'restoring')
    },
  }
}
