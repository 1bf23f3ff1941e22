import { setTimeout as sleep } from 'node:timers/promises'
import type { OutRecord } from '../../../runtime/log.js'
import { slowdown } from '../../driver/slow-machine.js'

export const limits = { maxWaitMs: 100, maxBytes: 8_000_000, maxBytesPerPartition: 1_000_000 }

export const text = (value: string) => Buffer.from(value)

export const record = (key: string | null, value: string | null, headers?: Record<string, string>): OutRecord => ({
  key: key === null ? null : text(key),
  value: value === null ? null : text(value),
  ...(headers === undefined ? {} : { headers: Object.entries(headers) }),
})

/** Waits for a condition, at most so many seconds of a quiet machine, and says what it saw last. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seen: () => unknown = () => '',
  seconds = 20,
): Promise<void> {
  const began = Date.now()
  while (!(await holds())) {
    if (Date.now() - began > seconds * 1000 * slowdown()) throw new Error(`waiting until ${what}: ${JSON.stringify(seen())}`)
    await sleep(10)
  }
}
