import type { MemoryPartition } from '../../runtime/memory/memory-partition.js'
import { TributaryError } from '../../schemas/errors.js'
import { type Random, seeded } from '../schemas/random.js'
import type { Actor } from './actor.js'
import { type Faults, type Happening, type Harm, Late, s3Status, type Tally } from './faults.js'
import type { Decision, Scheduler } from './scheduler.js'

type Mixed = 'error' | 'crash' | 'pause' | 'cutOff' | 'leave'

/** A step, by what can go wrong at it. */
type Step =
  | 'point'
  | 's3Request'
  | 's3Create'
  | 's3Answer'
  | 'commitRequest'
  | 'commitAnswer'
  | 'lateRequest'
  | 'request'
  | 'answer'
  | 'safe'

/** Reading changes nothing, and most of all steps are reads; between two effects is where a break matters most. */
function weightOf(label: string): number {
  if (label === 'sleep' || label.startsWith('fetch') || label.startsWith('watermarks')) return 1 / 8
  return /^(fault|claim|commit|recover|send|write|s3 (create|put))/.test(label) ? 3 : 1
}

function stepOf(label: string): Step {
  if (/^(sleep|join|leave|confirm|queue)/.test(label)) return 'safe'
  if (label.startsWith('fault ')) return 'point'
  if (label.startsWith('s3 ')) return label.endsWith('.after') ? 's3Answer' : label === 's3 create.before' ? 's3Create' : 's3Request'
  if (label.startsWith('commit')) return label.endsWith('.after') ? 'commitAnswer' : 'commitRequest'
  if (/^(claim|write|recover|abort)\.before/.test(label)) return 'lateRequest'
  return label.endsWith('.after') ? 'answer' : 'request'
}

const kafkaSteps: ReadonlySet<Step> = new Set(['commitRequest', 'commitAnswer', 'lateRequest', 'request', 'answer'])

const hourMs = 3_600_000
/** How far the time of day of a machine may be off. */
const offMs = [-24 * hourMs, -hourMs, -1500, 0, 1500, hourMs, 24 * hourMs]

/** There are few labels, and each is asked about a hundred thousand times. */
const known = new Map<string, { readonly weight: number; readonly step: Step }>()
function about(label: string) {
  const found = known.get(label) ?? { weight: weightOf(label), step: stepOf(label) }
  known.set(label, found)
  return found
}

export const seededFaults = (scheduler: Scheduler, tally: Tally): Faults => new SeededFaults(scheduler, tally)

/** The faults of one seed: a budget, a density, and a mix in which one kind may be missing and another prevail. */
class SeededFaults implements Faults {
  readonly #tally: Tally
  readonly #percent: number
  readonly #mix: readonly Mixed[]
  #left: number
  #outageUntil = 0
  /** A broker that is being started answers one request and not another. */
  #shakyUntil = 0

  /** Of its own: clocks step whatever else befalls a process. */
  readonly #clocks: Random
  #ended = false
  readonly #scheduler: Scheduler

  constructor(scheduler: Scheduler, tally: Tally) {
    const { random } = scheduler
    this.#scheduler = scheduler
    this.#clocks = seeded(random.below(1 << 30))
    this.#tally = tally
    this.#left = 1 + random.below(12)
    this.#percent = random.pick([0.5, 1, 2, 4])
    const mix = (['error', 'error', 'error', 'crash', 'pause', 'cutOff', 'leave'] as const).filter(() => random.below(4) > 0)
    this.#mix = mix.length > 0 ? mix : ['error', 'crash']
  }

  end(): void {
    this.#ended = true
    this.#left = 0
    this.#outageUntil = 0
    this.#shakyUntil = 0
  }

  passOver(partitions: readonly MemoryPartition[]): readonly MemoryPartition[] {
    const { random } = this.#scheduler
    if (this.#left === 0 || !this.#scheduler.chance(5 * this.#percent)) return []
    this.#left--
    this.#count('leftOpen')
    this.#shakyUntil = this.#scheduler.now + random.pick([0, 500, 2000])
    const all = random.below(3) === 0
    return partitions.filter(() => all || random.below(2) === 0)
  }

  decide(scheduler: Scheduler, actor: Actor, label: string, harm: Harm): Decision {
    if (!actor.breakable) return 'go'
    if (!this.#ended && this.#clocks.below(1000) === 0) this.#stepClock(actor)
    const { weight, step } = about(label)
    if (scheduler.now < this.#outageUntil && (step === 's3Request' || step === 's3Create'))
      return this.#count('s3Unavailable', s3Status(503))
    if (scheduler.now < this.#shakyUntil && kafkaSteps.has(step) && scheduler.chance(3 * weight)) {
      const error = this.#errorAt(scheduler, label, step)
      if (error !== null) return error
    }
    if (this.#left === 0 || !scheduler.chance(this.#percent * weight)) return 'go'
    const kind = scheduler.random.pick(this.#mix)
    if (kind === 'error') {
      const error = this.#errorAt(scheduler, label, step)
      if (error === null) return 'go'
      this.#left--
      return error
    }
    this.#left--
    if (kind === 'pause') harm.pause(actor, scheduler.random.pick([300, 1000, 1800, 2500, 4000]))
    else harm[kind](actor)
    return kind === 'crash' ? 'gone' : kind === 'pause' ? 'later' : 'go'
  }

  /** Not of a follow: without a record it begins at the time of day, as far as its overlap bridges. */
  #stepClock(actor: Actor): void {
    if (actor.name.includes('.follow.')) return
    if (this.#clocks.below(4) > 0) {
      actor.clockOffMs = this.#clocks.pick(offMs)
      this.#count('clockStep')
      return
    }
    // Forward only: of a time that comes a second time nothing can be said.
    this.#scheduler.brokerOffMs += this.#clocks.pick([1, 1500, hourMs])
    this.#count('brokerClockStep')
  }

  /** As the other side of the port would make it; null where nothing can throw. */
  #errorAt({ random, now }: Scheduler, label: string, step: Step): Error | null {
    const unreachable = () => new TributaryError('KAFKA_UNREACHABLE', `injected at ${label}`)
    const isLate = random.below(2) === 0
    switch (step) {
      case 'safe':
        return null
      case 'point':
        return this.#count('exceptionAtPoint', new Error(`injected at ${label}`))
      case 's3Answer':
        return this.#count('s3DoneAnswerLost', s3Status(0))
      case 's3Create':
      case 's3Request':
        if (random.below(3) === 0) {
          this.#outageUntil = now + random.pick([200, 800, 2000])
          this.#count('s3Outage')
          return this.#count('s3Unavailable', s3Status(503))
        }
        if (step === 's3Create' && isLate) return this.#count('s3Conflict', s3Status(409))
        return this.#count('s3NotDone', s3Status(0))
      case 'commitAnswer':
        return this.#count('commitApplied', unreachable())
      case 'commitRequest':
        return isLate ? this.#late('commitLate', label, random.below(200)) : this.#count('commitNotApplied', unreachable())
      case 'lateRequest':
        return isLate ? this.#late('kafkaRequestLate', label, random.below(200)) : this.#count('kafkaUnreachable', unreachable())
      case 'request':
        return this.#count('kafkaUnreachable', unreachable())
      case 'answer':
        return this.#count('kafkaAnswerLost', unreachable())
    }
  }

  #late(happening: Happening, label: string, steps: number): Error {
    return this.#count(happening, new Late(label, steps))
  }

  #count<E extends Error | undefined>(happening: Happening, error?: E): E {
    this.#tally[happening]++
    return error as E
  }
}
