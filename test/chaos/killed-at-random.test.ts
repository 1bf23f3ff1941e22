/**
 * `kill -9` of random processes at random instants, again and again, while a history is replayed by three instances.
 * `CHAOS_SEED=<n>` repeats the choices of a run; `NIGHTLY=1` kills 120 times instead of 20 (about 6 minutes), and
 * measures how long partitions stand still with the default settings.
 */
import { type Instance, startInstance } from '../driver/instance.js'
import { startLoad } from '../driver/load.js'
import { uploads } from '../driver/objects.js'
import { outcomeOf, routedOf, sum } from '../driver/outcome.js'
import { makeWorld } from '../driver/real-world.js'
import { recovered } from '../driver/recovery.js'
import { statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'
import { seeded } from '../schemas/random.js'

const nightly = process.env.NIGHTLY === '1'
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000)
const kills = nightly ? 120 : 20
const perSection = nightly ? 90_000 : 15_000
const linesPerSecond = 1_000
const kinds = ['attempt_evaluated', 'page_viewed', 'video', 'learners'] as const
const roles = ['route', 'aggregate', 'sink', 'publish'] as const
/** A supervisor gives up after five deaths of one role within a minute, and says so: that is another promise. */
const mostDeaths = 3
// A dead member is missed after this long; six seconds are the least that a broker takes.
const quick = { SESSION_TIMEOUT_MS: '6000' }

const sections = [1, 2].map(section => {
  const lines = statements(0, perSection, { section })
  return { section, lines: [...lines, '{"spoilt', ...lines.slice(0, 100)] }
})
const inAll = sections.reduce((sum, { lines }) => sum + lines.length, 0)

async function prepare(env: Readonly<Record<string, string>> = quick): Promise<World> {
  const world = await makeWorld({ partitions: 6, env })
  for (const kind of kinds) await world.apply({ id: kind, kind })
  for (const { section, lines } of sections) await world.put(uploads(section, 'all', lines, 500))
  return world
}

interface Victim {
  instance: Instance
  readonly deaths: Map<string, number>
}

test(`kill -9 ${kills} times, at random instants, of random roles and instances (CHAOS_SEED=${seed})`, async () => {
  console.log(`CHAOS_SEED=${seed}`)
  const calm = await prepare()
  const straight = startInstance(calm)
  await calm.backfill()
  for (const kind of kinds) await calm.complete(kind)
  const expected = await outcomeOf(calm, kinds)
  await straight.stop()
  expect([expected.problems, expected.letters.length]).toEqual([[], 2])

  const chance = seeded(seed)
  const world = await prepare()
  const victims: Victim[] = [1, 2, 3].map(() => ({ instance: startInstance(world), deaths: new Map<string, number>() }))
  const load = startLoad(world, linesPerSecond)
  const routed = async () => sum(await routedOf(world))
  await until(world, 'the first statements to be routed', 60, async () => ((await routed()) > 0 ? true : null))

  const killed: string[] = []
  let underLoad = 0
  while (killed.length < kills) {
    await world.services.clock.sleep(200 + chance.below(1200))
    const victim = chance.pick(victims)
    const what = chance.pick(['instance', ...roles] as const)
    if (!load.ended) underLoad++
    if (what === 'instance' || (victim.deaths.get(what) ?? 0) === mostDeaths) {
      await victim.instance.kill()
      victim.instance = startInstance(world)
      victim.deaths.clear()
      killed.push('instance')
    } else {
      await victim.instance.killRole(what)
      victim.deaths.set(what, (victim.deaths.get(what) ?? 0) + 1)
      killed.push(what)
    }
  }
  // All of the history was sent through the fire, or the test has proven nothing.
  expect(underLoad).toBe(kills)
  const meanwhile = await routed()
  const began = Date.now()
  await load.finish()
  for (const kind of kinds) await world.complete(kind, 90)
  console.log(
    `killed ${killed.join(' ')}; ${meanwhile} of ${inAll} statements were routed meanwhile; whole ${((Date.now() - began) / 1000).toFixed(1)} s after the last kill`,
  )
  expect(await outcomeOf(world, kinds)).toEqual(expected)
})

/** Default settings, an instance that goes and one that takes over: from its end until statements flow again in every partition. */
async function measured(how: 'kill -9' | 'Ctrl-C'): Promise<string> {
  const world = await prepare({ COMMIT_MS: '1000' })
  const instances = [startInstance(world), startInstance(world)]
  startLoad(world, 400)
  const share = ({ log }: Instance) => roles.every(role => new RegExp(`"role":"${role}".*tasks assigned`).test(log()))
  await until(world, 'both to have tasks', 60, () => instances.every(share) || null)
  await recovered(world)
  const ended = how === 'kill -9' ? instances[1]!.kill() : instances[1]!.stop()
  const text = await recovered(world)
  await ended
  return `${how} of one of two instances, default settings: ${text}`
}

if (nightly)
  test('the figures: fail-over and hand-over with the default settings', async () => {
    for (let i = 0; i < 3; i++) for (const how of ['kill -9', 'Ctrl-C'] as const) console.log(await measured(how))
  })
