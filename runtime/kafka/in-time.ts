import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for the work, but no longer than `ms`: true = it is done. What fails later is not looked at any more. */
export async function inTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController()
  try {
    return await Promise.race([work.then(() => true), sleep(ms, false, { signal: over.signal })])
  } finally {
    over.abort()
  }
}
