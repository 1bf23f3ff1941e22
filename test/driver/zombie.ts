import type { FaultPoint } from '../../runtime/fault.js'
import type { AnyRoleName } from '../../runtime/roles.js'
import { startFaulty, suffered } from './faulty-role.js'
import { until } from './until.js'
import type { World } from './world.js'

/** One role in a process of its own that stops (SIGSTOP) at fault points, as if the machine slept, and does not know of it. */
export interface Zombie {
  /** Resolves when it stands at this one. */
  stopped(point: FaultPoint): Promise<void>
  wake(): void
  log(): string
}

/** It stops at each of the points once, in this order. */
export function startZombie(world: World, role: AnyRoleName, points: readonly FaultPoint[]): Zombie {
  const faulty = startFaulty(
    world,
    role,
    points.map(point => [point, 'SIGSTOP']),
  )
  return {
    async stopped(point) {
      await until(world, `${role} to stop at ${point}`, 60, () => suffered(faulty, [point, 'SIGSTOP']) || null)
    },
    wake: () => void faulty.child.kill('SIGCONT'),
    log: faulty.log,
  }
}
