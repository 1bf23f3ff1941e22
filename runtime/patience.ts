import type { Clock } from './clock.js'

/**
 * Waits for the work, but once the signal has come no longer than so many milliseconds: work that hangs at a server that does not answer
 * must not keep a process from ending. False = it was left where it is.
 */
export async function withPatience(work: Promise<unknown>, signal: AbortSignal, ms: number, clock: Clock): Promise<boolean> {
  const over = new AbortController()
  const told = new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    else AbortSignal.any([signal, over.signal]).addEventListener('abort', () => resolve(), { once: true })
  })
  const late = told.then(() => clock.sleep(ms, over.signal)).then(() => false)
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    over.abort()
  }
}
