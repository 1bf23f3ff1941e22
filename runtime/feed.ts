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
   * Rejects when one of them cannot be read, or when no broker has answered for one of them for 30 s: until then only who asked for it waits.
   */
  take(positions: readonly FetchPosition[]): Promise<readonly Fetched[]>
  close(): Promise<void>
}

export function makeFeed(reader: LogReader, limits: FeedLimits): Feed {
  let waiting: Waiting[] = []
  const alone = new Set<Waiting>()
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
          { ...limits, leaveAway: true },
        )
        const found = new Map(fetched.map(f => [`${f.topic}/${f.partition}`, f]))
        for (const w of asked) {
          const mine = w.positions.map(p => found.get(`${p.topic}/${p.partition}`)!)
          if (mine.some(f => f.away !== undefined)) void askAlone(w)
          else answer(w, mine)
        }
      } catch (error) {
        for (const w of asked) w.reject(error)
      }
      // Let the answered tasks ask again before the next poll, so that they are part of it.
      await new Promise(setImmediate)
    }
    running = false
  }

  /** Only the task that stands there is stopped: the others share nothing with it but the poll. */
  function answer(w: Waiting, fetched: readonly Fetched[]): void {
    const broken = fetched.find(f => f.broken !== undefined)?.broken
    if (broken === undefined) w.resolve(fetched)
    else w.reject(broken)
  }

  /** Beside the polls: a partition without a leader may need half a minute to find one, and nobody else waits for it. */
  async function askAlone(w: Waiting): Promise<void> {
    alone.add(w)
    try {
      answer(w, await reader.fetch(w.positions, { ...limits, maxWaitMs: 0 }))
    } catch (error) {
      w.reject(error)
    } finally {
      alone.delete(w)
    }
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
      for (const w of [...waiting, ...alone]) w.reject(new Error('closing the feed'))
      waiting = []
      await reader.close()
    },
  }
}
