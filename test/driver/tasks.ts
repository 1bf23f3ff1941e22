import type { RoleName } from '../../runtime/roles.js'
import type { Instance } from './instance.js'
import { until } from './until.js'
import type { World } from './world.js'

const roles: readonly RoleName[] = ['route', 'aggregate', 'sink', 'publish']

/** One line of an instance's log about tasks that came or went. */
interface Move {
  readonly role: RoleName
  readonly what: 'assigned' | 'revoked'
  readonly partitions: readonly number[]
}

/** In the order of the log. */
export function movesOf({ log }: Pick<Instance, 'log'>): Move[] {
  return log()
    .split('\n')
    .flatMap(line => {
      const what = /tasks (assigned|revoked)/.exec(line)?.[1]
      if (what === undefined) return []
      const { role, partitions } = JSON.parse(line) as Pick<Move, 'role' | 'partitions'>
      return [{ role, partitions, what: what as Move['what'] }]
    })
}

/** The tasks that an instance has now, as `role/partition`. */
export function tasksOf(instance: Pick<Instance, 'log'>): ReadonlySet<string> {
  const tasks = new Set<string>()
  for (const { role, what, partitions } of movesOf(instance))
    for (const partition of partitions) tasks[what === 'assigned' ? 'add' : 'delete'](`${role}/${partition}`)
  return tasks
}

/** How often tasks have come or gone. */
export const handOvers = (instances: readonly Instance[]): number => instances.reduce((sum, instance) => sum + movesOf(instance).length, 0)

/** Waits until everybody has his share of every role and nothing has moved for so long. Returns how often tasks had moved by then. */
export async function settled(world: World, instances: readonly Instance[], quietMs: number): Promise<number> {
  let last = -1
  let since = Date.now()
  const { answer } = await until(world, 'the tasks to stay where they are', 40, () => {
    const now = handOvers(instances)
    if (now !== last) since = Date.now()
    last = now
    const all = instances.every(instance => roles.every(role => movesOf(instance).some(move => move.role === role)))
    return all && Date.now() - since > quietMs ? now : null
  })
  return answer
}
