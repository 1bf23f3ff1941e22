import type { Clock } from './clock.js'
import type { Log } from './log.js'

const everyMs = 5_000

/**
 * Group offsets, for Kafka UI and other lag tools only: nothing of ours reads them back, since they are written after the
 * transaction and by whoever is slow to notice that a task is gone. Therefore every five seconds at most, and unanswered.
 */
export interface Hints {
  /** A task's committed position: the next offset that it reads. */
  note(topic: string, partition: number, next: number): void
}

export function makeHints(log: Log, group: string, clock: Clock, signal: AbortSignal): Hints {
  const latest = new Map<string, Map<number, number>>()
  let waiting = false

  function send(): void {
    waiting = false
    for (const [topic, offsets] of latest) log.hintOffsets(group, topic, offsets).catch(() => undefined)
    latest.clear()
  }

  return {
    note(topic, partition, next) {
      const offsets = latest.get(topic) ?? new Map<number, number>()
      latest.set(topic, offsets.set(partition, next))
      if (waiting) return
      // The last position before a pause is told too: else an idle task would look as if it lagged.
      waiting = true
      void clock.sleep(everyMs, signal).then(send)
    },
  }
}
