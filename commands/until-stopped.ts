import { TributaryError } from '../schemas/errors.js'

/** What knows no signal is left where it is at Ctrl-C: it only reads, or what it writes is whole or not there. */
export async function untilStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: () => void = () => undefined
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => reject(new TributaryError('INCOMPLETE', 'stopped by a signal'))
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
  try {
    return await Promise.race([work, stopped])
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Its end comes after the exit code is known: nobody waits for it, and its error is no crash.
    work.catch(() => undefined)
  }
}
