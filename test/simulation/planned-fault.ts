import type { FaultPoint } from '../../runtime/fault.js'
import type { Actor } from './actor.js'
import type { Faults, Harm } from './faults.js'
import type { Decision, Scheduler } from './scheduler.js'
import { sessionMs } from './sim-log.js'

/**
 * What happens at a point: it throws; the process stands still until others have its tasks, and wakes up there; the call never comes
 * back, with heartbeats going on, until somebody kills the process; the process dies.
 */
export const breaks = ['exception', 'hang', 'stuck', 'kill'] as const
export type Break = (typeof breaks)[number]

/** Breaks nothing, and counts how often each point is passed. */
export class Passings implements Faults {
  readonly passed = new Map<string, number>()

  end(): void {
    // Nothing was broken.
  }

  decide(_: Scheduler, __: Actor, label: string): Decision {
    const point = label.slice('fault '.length)
    if (label.startsWith('fault ')) this.passed.set(point, (this.passed.get(point) ?? 0) + 1)
    return 'go'
  }
}

/** Breaks one passing of one point, counted over all processes, and nothing else. */
export class PlannedFault implements Faults {
  passed = 0
  readonly #label: string
  readonly #passing: number
  readonly #how: Break

  constructor(point: FaultPoint, passing: number, how: Break) {
    this.#label = `fault ${point}`
    this.#passing = passing
    this.#how = how
  }

  end(): void {
    // One break is all there is.
  }

  decide(_: Scheduler, actor: Actor, label: string, harm: Harm): Decision {
    if (label !== this.#label || ++this.passed !== this.#passing) return 'go'
    switch (this.#how) {
      case 'exception':
        return new Error(`injected at ${label}`)
      case 'hang':
        harm.pause(actor, 4 * sessionMs)
        return 'later'
      case 'stuck':
        harm.strand(actor)
        return 'never'
      case 'kill':
        harm.crash(actor)
        return 'gone'
    }
  }
}
