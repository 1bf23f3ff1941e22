/** What kafkajs's queue of requests keeps, as far as its timers are concerned. */
export interface TimedQueue {
  readonly pending: readonly unknown[]
  readonly inflight: ReadonlyMap<number, TimedRequest>
  readonly maxInFlightRequests: number | null
  throttledUntil: number
  requestTimeoutIntervalId: NodeJS.Timeout | undefined
  throttleCheckTimeoutId: NodeJS.Timeout | null
  isConnected(): boolean
  destroy(): void
  checkPendingRequests(): void
  maybeThrottle(ms: number | null): void
  canSendSocketRequestImmediately(): boolean
  scheduleCheckPendingRequests(): void
  scheduleRequestTimeoutCheck(): void
}

interface TimedRequest {
  readonly requestTimeout: number
  timeoutRequest(): void
}

/** Prototypes that are quiet already. */
const quieted = new WeakSet<object>()
const lookEveryMs = 1_000
/** As kafkajs has it, where no time is known. */
const pendingMs = 10

/**
 * Gives kafkajs's queues timers of our own, for two reasons. An idle connection costs up to 2.5 % of a core: a timer of 1 ms, set to a time
 * in the past (Node 24 warns of that at every start), looks for throttled requests for ever (issues #1704, #1751), another one for late
 * answers ten times a second. And all of them compare wall clocks: set back by an hour, a throttled connection would send nothing for that
 * hour, and a request without an answer would not time out.
 *
 * Done where all queues come from: a connection that is made later has a queue of its own.
 */
export function quietTimers(queue: TimedQueue): void {
  const shared = Object.getPrototypeOf(queue) as TimedQueue
  if (quieted.has(shared)) return
  quieted.add(shared)
  shared.maybeThrottle = function (ms) {
    if (ms !== null && ms > 0) this.throttledUntil = Math.max(performance.now() + ms, this.throttledUntil)
  }
  shared.canSendSocketRequestImmediately = function () {
    const isFull = this.maxInFlightRequests != null && this.inflight.size >= this.maxInFlightRequests
    return !isFull && this.throttledUntil <= performance.now()
  }
  shared.scheduleCheckPendingRequests = function () {
    if (this.pending.length === 0 || this.throttleCheckTimeoutId) return
    const throttledMs = this.throttledUntil - performance.now()
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null
        this.checkPendingRequests()
      },
      throttledMs > 0 ? throttledMs : pendingMs,
    )
  }
  shared.scheduleRequestTimeoutCheck = function () {
    this.destroy()
    // Since it was first seen here, up to a look after it was sent.
    const since = new WeakMap<TimedRequest, number>()
    this.requestTimeoutIntervalId = setInterval(() => {
      const now = performance.now()
      for (const request of [...this.inflight.values()]) {
        const sent = since.get(request) ?? now
        since.set(request, sent)
        if (now - sent > request.requestTimeout) request.timeoutRequest()
      }
      if (!this.isConnected()) this.destroy()
    }, lookEveryMs)
  }
}
