import type { Aggregate } from '../../processors/aggregate.js'
import { type Fault, noFault } from '../../runtime/fault.js'
import type { ObjectStore } from '../../runtime/object-store.js'
import { type RoleName, roleNames, runOneRole } from '../../runtime/roles.js'
import type { Services } from '../../runtime/services.js'
import type { FreeBytes } from '../../runtime/state/disk-room.js'
import type { Format } from '../../sinks/format.js'
import { topology } from '../../topology.js'
import type { World } from './world.js'

export interface RolesOptions {
  readonly roles?: readonly RoleName[]
  readonly fault?: Fault
  readonly store?: (store: ObjectStore) => ObjectStore
  /** What else stands between a role and its servers. */
  readonly between?: (services: Services) => Services
  readonly aggregates?: readonly Aggregate[]
  /** Of the disk with the local state. */
  readonly free?: FreeBytes
  readonly formats?: readonly Format[]
  /** Files that a manifest may list itself. */
  readonly mostInline?: number
}

/** Runs roles in this process, each with clients of its own; one that ends is started again, as the supervisor does it. Resolves `stop` when all have ended. */
export function startRoles(
  world: World,
  {
    roles = roleNames,
    fault = noFault,
    store = same => same,
    between = same => same,
    aggregates = topology.aggregates,
    free,
    formats = topology.formats,
    mostInline,
  }: RolesOptions = {},
): () => Promise<void> {
  const stop = new AbortController()
  const running = roles.map(async role => {
    while (!stop.signal.aborted) {
      const opened = world.open(role)
      const services = between({ ...opened, store: store(opened.store) })
      try {
        await runOneRole(
          role,
          services,
          { ...topology, aggregates, formats, ...(mostInline !== undefined && { mostInline }) },
          stop.signal,
          fault,
          free,
        )
      } catch (error) {
        world.said.push(`role ${role} ended: ${(error as Error).stack ?? String(error)}`)
        await services.clock.sleep(200, stop.signal)
      } finally {
        await services.close()
      }
    }
  })
  const stopped = async () => {
    stop.abort()
    await Promise.all(running)
  }
  world.atEnd(stopped)
  return stopped
}
