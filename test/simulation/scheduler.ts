import type { Clock } from '../../runtime/clock.js'
import type { MemoryClock } from '../../runtime/memory/memory-reader.js'
import { type Random, seeded } from '../schemas/random.js'
import { Actor } from './actor.js'

/** What happens at a step that is due: it goes on, it throws, it waits for another turn, its process is gone, or it alone never ends. */
export type Decision = 'go' | 'later' | 'gone' | 'never' | Error

interface Pending {
  readonly actor: Actor
  readonly label: string
  due: number
  wake(): void
  refuse(error: Error): void
}

export type Step = (label: string) => Promise<void>
export type Decide = (actor: Actor, label: string) => Decision

/** One for each who waits: a promise that all share would hold on to every process that ever died. */
export const forever = <T>() => new Promise<T>(() => undefined)

const firstMs = Date.UTC(2026, 0, 5)
/** Whose steps nothing befalls. */
const nobody = new Actor('nobody', false)

// Looked up once: in a test every look-up of a global goes through jest's own, which was a twentieth of all time.
const { imul } = Math
const later = setImmediate
const prime = 0x01000193

/**
 * Virtual time and the order of everything: whoever waits for a port or for time is pending here, and one of those that are due is
 * picked by the seed. Nothing else may decide: no timer of Node's is involved, and macrotasks of the code under test (a feed's
 * `setImmediate`) are run dry between two picks.
 */
export class Scheduler {
  now = firstMs
  /** How far the brokers' time of day is off, ms. */
  brokerOffMs = 0
  picks = 0
  readonly random: Random
  readonly trace: string[] | null
  #pending: Pending[] = []
  #between: { readonly at: number; readonly label: string; readonly work: () => void }[] = []
  readonly #decide: Decide
  #ids = 0
  #hash = 0

  constructor(seed: number, traced: boolean, decide: Decide) {
    this.random = seeded(seed)
    this.trace = traced ? [] : null
    this.#decide = decide
  }

  /** Of all steps and notes so far: two runs with the same took the same way. */
  get traceHash(): number {
    return this.#hash
  }

  chance(percent: number): boolean {
    return this.random.below(10_000) < percent * 100
  }

  /** An interleaving point: resolves when the scheduler picks it. */
  step(actor: Actor, label: string): Promise<void> {
    return actor.dead ? forever() : this.#wait(actor, label, this.now)
  }

  clock(actor: Actor): Clock & MemoryClock {
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
      if (actor.dead) return forever()
      if (signal?.aborted) return Promise.resolve()
      return this.#wait(actor, 'sleep', this.now + Math.max(0, ms), signal)
    }
    // They differ from their first digits on: whoever shortens one still has another.
    const uuid = () => `${(imul(++this.#ids, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`
    return { now: () => this.now + actor.clockOffMs, monotonic: () => this.now - firstMs, sleep, wait: sleep, uuid }
  }

  /** Something that happens by itself. */
  after(ms: number, label: string, work: () => void): void {
    void this.#wait(nobody, label, this.now + ms).then(work)
  }

  /** The same, between two of the steps to come: nobody hears what becomes of it. */
  afterSteps(steps: number, label: string, work: () => void): void {
    this.#between.push({ at: this.picks + steps, label, work })
  }

  /** Of a dead process nothing goes on. */
  forget(actor: Actor): void {
    this.#pending = this.#pending.filter(one => one.actor !== actor)
  }

  note(text: string): void {
    this.#mix(text)
    this.trace?.push(`${this.now - firstMs} ${text}`)
  }

  /** Lets one of those that are due go on, and everything that follows from it. */
  async next(): Promise<void> {
    const picked = this.random.pick(this.#due())
    const { actor, label } = picked
    const decision = this.#decide(actor, label)
    this.picks++
    this.#mix(actor.name)
    this.#mix(label)
    this.#hash = imul(this.#hash ^ (this.now - firstMs), prime)
    this.trace?.push(`${this.now - firstMs} ${actor.name} ${label} ${decision instanceof Error ? decision.message : decision}`)
    if (decision === 'later' || decision === 'gone') return
    this.#remove(picked)
    if (decision === 'go') picked.wake()
    else if (decision !== 'never') picked.refuse(decision)
    await settle()
    if (this.#between.length > 0) await this.#happenBetween()
  }

  async #happenBetween(): Promise<void> {
    const due = this.#between.filter(({ at }) => at <= this.picks)
    this.#between = this.#between.filter(({ at }) => at > this.picks)
    for (const { label, work } of due) {
      try {
        work()
        this.note(label)
      } catch (error) {
        this.note(`${label}: ${error}`)
      }
    }
    if (due.length > 0) await settle()
  }

  /** Who can go on now, or at the next time at which somebody can. Sometimes time passes all the same: a slow step among fast ones. */
  #due(): readonly Pending[] {
    const due: Pending[] = []
    let soonest = Number.POSITIVE_INFINITY
    for (const one of this.#pending) {
      if (one.actor.paused) continue
      if (one.due <= this.now) due.push(one)
      else if (one.due < soonest) soonest = one.due
    }
    if (soonest < Number.POSITIVE_INFINITY && (due.length === 0 || this.random.below(25) === 0)) {
      this.now = soonest
      return this.#pending.filter(one => !one.actor.paused && one.due <= soonest)
    }
    if (due.length === 0) throw new Error('nobody has anything to do')
    return due
  }

  /** FNV-1a: the trace of a run is compared, not kept. */
  #mix(text: string): void {
    let hash = this.#hash
    for (let i = 0; i < text.length; i++) hash = imul(hash ^ text.charCodeAt(i), prime)
    this.#hash = hash
  }

  #remove(pending: Pending): void {
    const at = this.#pending.indexOf(pending)
    this.#pending[at] = this.#pending[this.#pending.length - 1]!
    this.#pending.pop()
  }

  #wait(actor: Actor, label: string, due: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const pending: Pending = { actor, label, due, wake: resolve, refuse: reject }
      if (signal !== undefined) {
        // A signal makes it due, no more: whether its process runs is decided here.
        const hurry = () => {
          pending.due = Math.min(pending.due, this.now)
        }
        signal.addEventListener('abort', hurry, { once: true })
        pending.wake = () => {
          signal.removeEventListener('abort', hurry)
          resolve()
        }
      }
      this.#pending.push(pending)
    })
  }
}

/** Twice: the first round may end in code that asks for one more. */
async function settle(): Promise<void> {
  await new Promise(later)
  await new Promise(later)
}
