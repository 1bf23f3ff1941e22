import type { Fetched, FetchPosition, LogReader } from './log.js'

export interface FeedLimits {
  /** Longest wait of one poll when nothing is new. */
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly maxBytesPerPartition: number
}

interface Waiting {
  readonly positions: readonly FetchPosition[]
  resolve(fetched: readonly Fetched[]): void
  reject(error: unknown): void
}

/** One long poll for all tasks of a process: a task asks for its next records, the feed puts all open questions into one Fetch. */
export interface Feed {
  /**
   * Resolves after one poll, in the order of `positions`; with nothing new the records are empty but `next`, `stable` and `high` are fresh.
   * Rejects when one of them cannot be read.
   */
  take(positions: readonly FetchPosition[]): Promise<readonly Fetched[]>
  close(): Promise<void>
}

export function makeFeed(reader: LogReader, limits: FeedLimits): Feed {
  let waiting: Waiting[] = []
  let running = false
  let closed = false

  async function poll(): Promise<void> {
    running = true
    // Questions of the same turn go out together.
    await Promise.resolve()
    while (waiting.length > 0 && !closed) {
      const asked = waiting
      waiting = []
      try {
        const fetched = await reader.fetch(
          asked.flatMap(w => w.positions),
          limits,
        )
        const found = new Map(fetched.map(f => [`${f.topic}/${f.partition}`, f]))
        for (const w of asked) {
          const mine = w.positions.map(p => found.get(`${p.topic}/${p.partition}`)!)
          const broken = mine.find(f => f.broken !== undefined)?.broken
          // Only the task that stands there is stopped: the others share nothing with it but the poll.
          if (broken === undefined) w.resolve(mine)
          else w.reject(broken)
        }
      } catch (error) {
        for (const w of asked) w.reject(error)
      }
      // Let the answered tasks ask again before the next poll, so that they are part of it.
      await new Promise(setImmediate)
    }
    running = false
  }

  return {
    take(positions) {
      return new Promise((resolve, reject) => {
        waiting.push({ positions, resolve, reject })
        if (!running) poll().catch(reject)
      })
    },
    async close() {
      closed = true
      for (const w of waiting) w.reject(new Error('closing the feed'))
      waiting = []
      await reader.close()
    },
  }
}
