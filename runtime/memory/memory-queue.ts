import type { Clock } from '../clock.js'
import type { EventQueue, QueueMessage } from '../event-queue.js'

interface Held {
  readonly id: string
  readonly body: string
  shownAt: number
  receipt: string | null
}

/** The queue of simulation and tests, with what an operator of it sees. */
export interface MemoryQueue extends EventQueue {
  send(body: string): void
  /** The same queue to another process, and its turn before each request. Times are the queue's own. */
  as(caller: Clock, step: (request: string) => Promise<void>): EventQueue
  /** Messages that are not deleted, in the order in which they were sent. */
  readonly bodies: readonly string[]
  /** Deliveries so far. */
  readonly delivered: number
}

const most = 10
const waitMs = 20_000

export function memoryQueue(clock: Clock, pollMs = 20): MemoryQueue {
  const held = new Map<string, Held>()
  let made = 0
  let delivered = 0

  /** The last sent first: nobody may rely on an order. */
  function take(hiddenSeconds: number): QueueMessage[] {
    const now = clock.now()
    const shown = [...held.values()].filter(each => each.shownAt <= now).slice(-most)
    return shown.reverse().map(each => {
      each.shownAt = now + hiddenSeconds * 1000
      each.receipt = `${each.id}/${++delivered}`
      return { id: each.id, receipt: each.receipt, body: each.body }
    })
  }

  /** Null when the message was delivered again since, or is deleted. */
  const own = (message: QueueMessage) => {
    const found = held.get(message.id)
    return found?.receipt === message.receipt ? found : null
  }

  const as = (caller: Clock, step: (request: string) => Promise<void>): EventQueue => ({
    async receive(hiddenSeconds, signal) {
      for (const end = clock.now() + waitMs; !signal.aborted; await caller.sleep(pollMs, signal)) {
        const taken = take(hiddenSeconds)
        if (taken.length > 0) await step('receive.after')
        if (taken.length > 0 || clock.now() >= end) return taken
      }
      return []
    },
    async hide(message, seconds) {
      await step('hide.before')
      const found = own(message)
      if (found !== null) found.shownAt = clock.now() + seconds * 1000
    },
    async delete(message) {
      await step('delete.before')
      if (own(message) !== null) held.delete(message.id)
      await step('delete.after')
    },
    close: () => undefined,
  })

  return {
    ...as(clock, async () => undefined),
    as,
    get bodies() {
      return [...held.values()].map(each => each.body)
    },
    get delivered() {
      return delivered
    },
    send(body) {
      const id = `message-${++made}`
      held.set(id, { id, body, shownAt: 0, receipt: null })
    },
  }
}
