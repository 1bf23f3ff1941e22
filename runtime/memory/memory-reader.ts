import { TributaryError } from '../../schemas/errors.js'
import type { Fetched, FetchLimits, FetchPosition, LogReader } from '../log.js'
import type { MemoryPartition } from './memory-partition.js'
import type { MemoryContext } from './memory-writers.js'

export interface MemoryClock {
  /** Of the brokers, ms since 1970. */
  now(): number
  /** Resolves after `ms`, or as soon as `signal` fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export class MemoryReader implements LogReader {
  readonly #context: MemoryContext
  readonly #clock: MemoryClock
  /** Ends the long polls under way. */
  readonly #polls = new Set<() => void>()

  constructor(context: MemoryContext, clock: MemoryClock) {
    this.#context = context
    this.#clock = clock
  }

  async fetch(positions: readonly FetchPosition[], limits: FetchLimits): Promise<readonly Fetched[]> {
    const first = await this.#context.at('fetch', () => this.#read(positions, limits))
    if (limits.maxWaitMs === 0 || positions.length === 0 || !idle(first, positions)) return first
    await this.#changed(positions, limits)
    return this.#context.at('fetch', () => this.#read(positions, limits))
  }

  async close(): Promise<void> {
    for (const stop of [...this.#polls]) stop()
  }

  /** Until something can be read, the wait is over, or the reader is closed. */
  async #changed(positions: readonly FetchPosition[], limits: FetchLimits): Promise<void> {
    const done = new AbortController()
    // With a reason of its own: the usual one is an exception with a stack, made at every wake-up.
    const stop = () => done.abort('changed')
    const { broker } = this.#context
    const asked = positions.map(position => ({ ...position, source: broker.partition(position.topic, position.partition) }))
    const off = broker.onChange(() => {
      if (!done.signal.aborted && asked.some(isNews)) stop()
    })
    this.#polls.add(stop)
    await this.#clock.wait(limits.maxWaitMs, done.signal)
    this.#polls.delete(stop)
    off()
  }

  #read(positions: readonly FetchPosition[], limits: FetchLimits): Fetched[] {
    return positions.map(({ topic, partition, offset, end }) => {
      const { broker } = this.#context
      if (limits.leaveAway === true && broker.away.has(`${topic}/${partition}`)) {
        const away = new TributaryError('KAFKA_UNREACHABLE', `reading ${topic}/${partition}: no broker leads it`)
        return { topic, partition, records: [], next: offset, low: 0, stable: 0, high: 0, away }
      }
      const source = broker.led(topic, partition)
      const { low, stable, high } = source.marks
      const at = { topic, partition, low, stable, high }
      if (end !== undefined && offset >= end) return { ...at, records: [], next: offset }
      if (offset < low || offset > high) return { ...at, records: [], next: offset, lost: { low, high } }
      return { ...at, ...source.read(offset, end ?? Number.POSITIVE_INFINITY, limits.maxBytesPerPartition) }
    })
  }
}

/** Told without reading: asked at every change by everyone who waits. */
function isNews({ source, offset, end = Number.POSITIVE_INFINITY }: FetchPosition & { readonly source: MemoryPartition }): boolean {
  const { low, stable, high } = source.marks
  return (offset < end && stable > offset) || offset < low || offset > high
}

function idle(fetched: readonly Fetched[], positions: readonly FetchPosition[]): boolean {
  return fetched.every((one, i) => one.lost === undefined && one.broken === undefined && one.next === positions[i]!.offset)
}
