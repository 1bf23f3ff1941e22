import type { Clock } from './clock.js'
import type { Log } from './log.js'

const everyMs = 5_000
/** An offset of a topic that the group does not subscribe to is dropped by the broker after a while (7 days), however current it is. */
const againMs = 600_000

/**
 * Group offsets, for Kafka UI and other lag tools only: nothing of ours reads them back, since they are written after the
 * transaction and by a process that is slow to notice that a task is gone. Therefore every five seconds at most, and unanswered: what is
 * refused, as while the group shares out its partitions, comes again.
 */
export interface Hints {
  /** The next offset that a task reads. */
  note(topic: string, partition: number, next: number): void
  /** The task of this partition has gone, and its new owner speaks for it; or it does not read this topic any more. */
  drop(partition: number, topic?: string): void
}

export function makeHints(log: Log, group: string, clock: Clock, signal: AbortSignal): Hints {
  /** Of owned partitions, by topic. */
  const noted = new Map<string, Map<number, number>>()
  const waiting = new Map<string, Map<number, number>>()
  let isDue = false

  function send(): void {
    isDue = false
    for (const [topic, offsets] of waiting) if (offsets.size > 0) log.hintOffsets(group, topic, offsets).catch(() => undefined)
    waiting.clear()
  }

  function put(topic: string, partition: number, next: number): void {
    offsetsIn(waiting, topic).set(partition, next)
    if (isDue) return
    // The last position before a pause is sent too: else an idle task would look as if it lagged.
    isDue = true
    void clock.sleep(everyMs, signal).then(send)
  }

  async function repeat(): Promise<void> {
    for (;;) {
      await clock.sleep(againMs, signal)
      if (signal.aborted) return
      for (const [topic, offsets] of noted) for (const [partition, next] of offsets) put(topic, partition, next)
    }
  }

  void repeat()
  return {
    note(topic, partition, next) {
      const offsets = offsetsIn(noted, topic)
      if (offsets.get(partition) === next) return
      offsets.set(partition, next)
      put(topic, partition, next)
    },
    drop(partition, only) {
      for (const all of [noted, waiting])
        for (const [topic, offsets] of all) if (only === undefined || only === topic) offsets.delete(partition)
    },
  }
}

function offsetsIn(all: Map<string, Map<number, number>>, topic: string): Map<number, number> {
  const known = all.get(topic)
  if (known !== undefined) return known
  const made = new Map<number, number>()
  all.set(topic, made)
  return made
}
