import { TributaryError } from '../../schemas/errors.js'
import type { Actor } from './actor.js'
import type { Decision, Scheduler } from './scheduler.js'

export const faultKinds = ['error', 'crash', 'pause', 'leave', 'taken'] as const
export type FaultKind = (typeof faultKinds)[number]

/** What the harness does to a process; the seed says when. */
export interface Harm {
  crash(actor: Actor): void
  pause(actor: Actor): void
  leave(actor: Actor): void
}

/** The faults of one seed: a budget, a density, and a mix in which one kind may be missing and another prevail. */
export class Faults {
  readonly counts: Record<FaultKind, number> = { error: 0, crash: 0, pause: 0, leave: 0, taken: 0 }
  #left = 0
  #percent = 0
  #mix: FaultKind[] = []

  begin({ random }: Scheduler): void {
    this.#left = 1 + random.below(12)
    this.#percent = random.pick([0.5, 1, 2, 4])
    this.#mix = (['error', 'error', 'crash', 'pause', 'leave'] as const).filter(() => random.below(4) > 0)
    if (this.#mix.length === 0) this.#mix = ['error', 'crash']
  }

  end(): void {
    this.#left = 0
  }

  decide(scheduler: Scheduler, actor: Actor, label: string, harm: Harm): Decision {
    if (!actor.breakable || this.#left === 0) return 'go'
    const reading = label === 'sleep' || label.startsWith('fetch') || label.startsWith('watermarks')
    // Between two effects is where a break matters most.
    const weight = reading ? 1 / 8 : /^(fault|claim|commit|recover)/.test(label) ? 3 : 1
    if (!scheduler.chance(this.#percent * weight)) return 'go'
    const kind = scheduler.random.pick(this.#mix)
    if (kind === 'error') {
      const error = errorAt(label)
      if (error === null) return 'go'
      this.#count(kind)
      return error
    }
    this.#count(kind)
    harm[kind === 'pause' ? 'pause' : kind === 'leave' ? 'leave' : 'crash'](actor)
    return kind === 'crash' ? 'gone' : kind === 'pause' ? 'later' : 'go'
  }

  /** An answer got lost, the client asked again, and found what it had written itself. */
  taken(scheduler: Scheduler, actor: Actor): boolean {
    if (!actor.breakable || this.#left === 0 || !scheduler.chance(this.#percent)) return false
    this.#count('taken')
    return true
  }

  #count(kind: FaultKind): void {
    this.#left--
    this.counts[kind]++
  }
}

/** As the port would throw it; null where nothing can throw. */
function errorAt(label: string): Error | null {
  if (label === 'sleep' || label === 'join' || label === 'leave' || label.startsWith('confirm')) return null
  if (label.startsWith('fault ')) return new Error(`injected at ${label}`)
  return new TributaryError(label.startsWith('s3 ') ? 'S3_UNREACHABLE' : 'KAFKA_UNREACHABLE', `injected at ${label}`)
}
