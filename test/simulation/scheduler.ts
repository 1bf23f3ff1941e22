import { createHash } from 'node:crypto'
import type { Clock } from '../../runtime/clock.js'
import type { MemoryClock } from '../../runtime/memory/memory-reader.js'
import { type Random, seeded } from '../schemas/random.js'
import type { Actor } from './actor.js'

/** What happens at a step that is due: it goes on, it throws, it waits for another turn, or its process is gone. */
export type Decision = 'go' | 'later' | 'gone' | Error

interface Pending {
  readonly actor: Actor
  readonly label: string
  due: number
  wake(): void
  refuse(error: Error): void
}

export type Step = (label: string) => Promise<void>

const never = new Promise<void>(() => undefined)
const firstMs = Date.UTC(2026, 0, 5)

/**
 * Virtual time and the order of everything: whoever waits for a port or for time is pending here, and one of those that are due is
 * picked by the seed. Nothing else may decide: no timer of Node's is involved, and macrotasks of the code under test (a feed's
 * `setImmediate`) are run dry between two picks.
 */
export class Scheduler {
  now = firstMs
  picks = 0
  readonly random: Random
  readonly trace: string[] | null
  #pending: Pending[] = []
  readonly #hash = createHash('sha256')
  readonly #decide: (actor: Actor, label: string) => Decision
  #ids = 0

  constructor(seed: number, traced: boolean, decide: (actor: Actor, label: string) => Decision) {
    this.random = seeded(seed)
    this.trace = traced ? [] : null
    this.#decide = decide
  }

  get traceHash(): string {
    return this.#hash.copy().digest('hex')
  }

  chance(percent: number): boolean {
    return this.random.below(10_000) < percent * 100
  }

  /** An interleaving point: resolves when the scheduler picks it. */
  step(actor: Actor, label: string): Promise<void> {
    return actor.dead ? never : this.#wait(actor, label, this.now)
  }

  clock(actor: Actor): Clock & MemoryClock {
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
      if (actor.dead) return never
      if (signal?.aborted) return Promise.resolve()
      return this.#wait(actor, 'sleep', this.now + Math.max(0, ms), signal)
    }
    const uuid = () => `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, '0')}` as const
    return { now: () => this.now, sleep, wait: sleep, uuid }
  }

  /** Of a dead process nothing goes on. */
  forget(actor: Actor): void {
    this.#pending = this.#pending.filter(one => one.actor !== actor)
  }

  note(text: string): void {
    const line = `${this.now - firstMs} ${text}`
    this.#hash.update(line)
    this.trace?.push(line)
  }

  /** Lets one of those that are due go on, and everything that follows from it. */
  async next(): Promise<void> {
    const runnable = this.#pending.filter(one => !one.actor.paused)
    let due = runnable.filter(one => one.due <= this.now)
    const times = runnable.flatMap(one => (one.due > this.now ? [one.due] : []))
    // Sometimes time passes though somebody could go on: a slow step among fast ones.
    if (times.length > 0 && (due.length === 0 || this.random.below(25) === 0)) {
      this.now = Math.min(...times)
      due = runnable.filter(one => one.due <= this.now)
    }
    if (due.length === 0) throw new Error('nobody has anything to do')
    const picked = this.random.pick(due)
    const decision = this.#decide(picked.actor, picked.label)
    this.picks++
    this.note(`${picked.actor.name} ${picked.label} ${decision instanceof Error ? decision.message : decision}`)
    if (decision === 'later' || decision === 'gone') return
    this.#pending.splice(this.#pending.indexOf(picked), 1)
    if (decision === 'go') picked.wake()
    else picked.refuse(decision)
    await settle()
  }

  #wait(actor: Actor, label: string, due: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      // A signal makes it due, no more: whether its process runs is decided here.
      const hurry = () => {
        pending.due = Math.min(pending.due, this.now)
      }
      const pending: Pending = {
        actor,
        label,
        due,
        wake() {
          signal?.removeEventListener('abort', hurry)
          resolve()
        },
        refuse: reject,
      }
      signal?.addEventListener('abort', hurry, { once: true })
      this.#pending.push(pending)
    })
  }
}

/** Twice: the first round may end in code that asks for one more. */
async function settle(): Promise<void> {
  await new Promise(setImmediate)
  await new Promise(setImmediate)
}
