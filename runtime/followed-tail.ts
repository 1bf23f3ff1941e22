import type { Clock } from './clock.js'
import type { Logger } from './logger.js'
import { saidOnce } from './said-once.js'
import type { Tail } from './tail.js'

/** A table that is kept current in the background. */
export interface FollowedTail {
  /** Resolves when the table has everything that was stable at the call. */
  current(): Promise<void>
  /** Resolves after the signal, when nothing is read any more. */
  readonly ended: Promise<void>
}

interface Waiting {
  resolve(): void
  reject(error: unknown): void
}

const pollMs = 250
const retryMs = 1000

/** Polls until the signal. Trouble is said and waited out, since a table that stands still only delays; who asked for it to be current is told. */
export function followTail(tail: Tail, clock: Clock, logger: Logger, signal: AbortSignal): FollowedTail {
  let waiting: Waiting[] = []
  const said = saidOnce(logger, 'reading a table')

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      const asked = waiting
      waiting = []
      try {
        if (asked.length > 0) await tail.catchUp()
        else await tail.poll(pollMs)
        for (const each of asked) each.resolve()
        said.over()
      } catch (error) {
        for (const each of asked) each.reject(error)
        if (signal.aborted) break
        said.trouble(error)
        await clock.sleep(retryMs, signal)
      }
    }
    for (const each of waiting) each.reject(new Error('the table is not followed any more'))
  }

  return {
    current: () =>
      signal.aborted
        ? Promise.reject(new Error('the table is not followed any more'))
        : new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    ended: follow(),
  }
}
