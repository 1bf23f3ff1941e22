import { createHash } from 'node:crypto'
import { TributaryError } from '../../schemas/errors.js'
import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { ObjectStore } from '../object-store.js'

/** The uploads of one sink process: a budget of PUTs per second over all its tasks, and a bound on how many run at once. */
export interface Uploads {
  /** Creates the object; when it is there already with the same content (a repeat after a crash) that is success too. */
  create(key: string, body: Buffer, sha256: string, contentType: string): Promise<void>
  /** Null = it is not there. */
  read(key: string): Promise<Buffer | null>
  /** Merges hold whole files in memory: one at a time in a process. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
}

const atOnce = 8
const sayEveryMs = 60_000
/** Less than this in a minute nobody notices. */
const worthSayingMs = 1000

export function makeUploads(store: ObjectStore, bucket: string, putsPerSecond: number, clock: Clock, logger: Logger): Uploads {
  let free = 0
  let running = 0
  const queue: (() => void)[] = []
  let chain: Promise<unknown> = Promise.resolve()
  let delayed = { ms: 0, since: clock.monotonic() }

  async function slot(): Promise<void> {
    if (running >= atOnce) await new Promise<void>(resolve => queue.push(resolve))
    running++
    // A leaky bucket: `free` is when the next PUT may go out; a second's worth may be saved up.
    const now = clock.monotonic()
    free = Math.max(free, now - 1000) + 1000 / putsPerSecond
    if (free > now) {
      delayed.ms += free - now
      sayDelay(now)
      await clock.sleep(free - now)
    }
  }
  /** The budget stretches the freshness of all datasets: somebody may want to raise it. */
  function sayDelay(now: number): void {
    if (delayed.ms < worthSayingMs || now - delayed.since < sayEveryMs) return
    const seconds = Math.round((now - delayed.since) / 1000)
    logger.warn(
      { putsPerSecond, delayedMs: Math.round(delayed.ms), seconds },
      `uploads wait for their turn (PUTS_PER_SECOND is ${putsPerSecond}): datasets are later than their freshness`,
    )
    delayed = { ms: 0, since: now }
  }
  const release = () => {
    running--
    queue.shift()?.()
  }

  return {
    async create(key, body, sha256, contentType) {
      await slot()
      try {
        if (await store.create(bucket, key, body, contentType)) return
        const there = await store.get(bucket, key)
        const found = there === null ? 'nothing' : createHash('sha256').update(there).digest('hex')
        if (found !== sha256) throw new TributaryError('S3_CONTENT_DIFFERS', `writing ${key}: there is ${found}, ours is ${sha256}`)
      } finally {
        release()
      }
    },
    read: key => store.get(bucket, key),
    exclusively(work) {
      const next = chain.then(work, work)
      chain = next.catch(() => undefined)
      return next
    },
  }
}
