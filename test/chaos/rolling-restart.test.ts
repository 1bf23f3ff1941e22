/** Three instances under load are restarted one after the other, as for a new release: only the tasks of that one move, there and back. */
import { groupedRoles } from '../../schemas/topics.js'
import { deepCheck } from '../driver/deep-check.js'
import { type Instance, startInstance } from '../driver/instance.js'
import { startLive } from '../driver/live.js'
import { watchPauses } from '../driver/pauses.js'
import { makeWorld } from '../driver/real-world.js'
import { recovered } from '../driver/recovery.js'
import { rowsOf } from '../driver/results.js'
import { countOf, kindsOfDataset, statement } from '../driver/statements.js'
import { movesOf, tasksOf } from '../driver/tasks.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const kinds = ['attempt_evaluated', 'page_viewed', 'video'] as const
const partitions = 6
const perSecond = 500
/** Some come twice, and there are learners for every partition. */
const repeats = 50
const statementOf = (n: number) => statement(Math.max(0, n - repeats), { learners: 300 })

/** What a member had before it was asked to give up something. */
function lostOf(instance: Instance, before: ReadonlySet<string>, from: number): string[] {
  return movesOf(instance)
    .slice(from)
    .flatMap(({ role, what, partitions }) => (what === 'revoked' ? partitions.map(partition => `${role}/${partition}`) : []))
    .filter(task => before.has(task))
}

/** Each of the three has a third of every role. */
async function balanced(world: World, instances: readonly Instance[]): Promise<void> {
  const shareOf = (instance: Instance, role: string) => [...tasksOf(instance)].filter(task => task.startsWith(`${role}/`)).length
  const equal = () => instances.every(instance => groupedRoles.every(role => shareOf(instance, role) === partitions / instances.length))
  await until(world, 'all to have their share', 40, () => equal() || null)
}

test('a rolling restart moves the tasks of the restarted instance alone, and changes no row', async () => {
  const world = await makeWorld({ partitions })
  for (const kind of kinds) await world.apply({ id: kind, kind })
  const instances = [startInstance(world), startInstance(world), startInstance(world)]
  await balanced(world, instances)
  const live = startLive(world, perSecond, statementOf)
  const pauses = watchPauses(world)
  const said: string[] = []

  for (const [i, leaving] of instances.entries()) {
    const others = instances.filter(instance => instance !== leaving)
    const before = instances.map(tasksOf)
    const moves = new Map(others.map(other => [other, movesOf(other).length]))
    await recovered(world)
    pauses.longest()

    const began = Date.now()
    expect(await leaving.terminate()).toBe(0)
    const stopped = (Date.now() - began) / 1000
    instances[i] = startInstance(world)
    await balanced(world, instances)
    await recovered(world)

    const longest = pauses.longest()
    for (const other of others) {
      const at = instances.indexOf(other)
      expect([at, lostOf(other, before[at]!, moves.get(other)!)]).toEqual([at, []])
      expect([...tasksOf(other)].sort()).toEqual([...before[at]!].sort())
    }
    expect([...tasksOf(instances[i]!)].sort()).toEqual([...before[i]!].sort())
    const movedOf = longest.filter((_, partition) => before[i]!.has(`route/${partition}`))
    const stayed = longest.filter((_, partition) => !before[i]!.has(`route/${partition}`))
    const text = (seconds: readonly number[]) => `${Math.max(...seconds).toFixed(1)} s`
    said.push(
      `instance ${i + 1}: stopped after ${stopped.toFixed(1)} s; its partitions stood still for ${text(movedOf)} at most, the others for ${text(stayed)}`,
    )
  }

  const facts = (await live.stop()) - repeats
  for (const kind of kinds) await world.complete(kind, 90)
  console.log(said.join('\n'))
  for (const kind of kinds) expect((await rowsOf(world, kind)).rows).toHaveLength(countOf(0, facts, kindsOfDataset[kind]))
  expect(await world.verify()).toMatchObject({ ok: true, problems: [], ledger: { events: facts, duplicates: repeats } })
  expect((await deepCheck(world)).problems).toEqual([])
})
