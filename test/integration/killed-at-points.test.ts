import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FaultPoint } from '../../runtime/fault.js'
import { entry } from '../driver/instance.js'
import { uploads } from '../driver/objects.js'
import { homeOf, produce } from '../driver/produce.js'
import { makeWorld } from '../driver/real-world.js'
import { deadLettersOf, rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statement, statements } from '../driver/statements.js'
import { expectedStates, statesOf } from '../driver/states.js'
import type { World } from '../driver/world.js'

/** Each point kills one process after the other, role beside role. The simulation has all points; here they meet a real broker. */
const deaths = {
  route: ['route.afterOutputs', 'route.afterCommit', 'route.afterMisplaced'],
  aggregate: ['aggregate.afterOutputs', 'aggregate.afterCommit', 'aggregate.afterMerge'],
  sink: ['sink.afterUpload', 'sink.afterRecords', 'sink.afterCommit'],
  publish: ['publish.afterNumbered', 'publish.afterManifest'],
  backfill: ['backfill.afterSend', 'backfill.afterLedger', 'backfill.afterEnd'],
} as const satisfies Record<string, readonly FaultPoint[]>

const facts = 3000
const kinds = ['attempt_evaluated', 'page_viewed', 'video'] as const
const lines = [...statements(0, facts), '{"spoilt', ...statements(50, 100)]
// A dead member is missed after this long; six seconds are the least that a broker takes.
const env = { SESSION_TIMEOUT_MS: '6000' }

async function prepare() {
  const world = await makeWorld({ env })
  for (const kind of kinds) await world.apply({ id: kind, kind })
  await world.put(uploads(1, 'all', lines, 250))
  const stray = statement(facts)
  const wrong = (homeOf(world, stray) + 1) % world.services.config.partitions
  const strays = () => produce(world, [{ value: stray, partition: wrong }])
  await strays()
  return { world, strays }
}

async function outcome(world: World) {
  const rows = []
  for (const id of kinds) rows.push(await rowsOf(world, id))
  const letters = (await deadLettersOf(world)).map(({ code, source }) => [code, source.slice(source.indexOf('section/'))])
  const { ok, problems, ledger } = await world.verify()
  return { rows, letters, ok, problems, events: ledger.events, states: await statesOf(world) }
}

/** Runs until it dies at its point, or (without one) until it is told to end. */
function launch(world: World, role: keyof typeof deaths, point: FaultPoint | ''): { child: ChildProcess; ended: Promise<string> } {
  const file = join(world.folder, `${role}.log`)
  const output = openSync(file, 'a')
  const args = [fileURLToPath(new URL('../driver/killed-at.mjs', import.meta.url)), dirname(entry), role, point, world.bucket]
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...world.env }, stdio: ['ignore', output, output] })
  closeSync(output)
  world.shown.push(() => `--- ${role} ${point}\n${readFileSync(file, 'utf8').split('\n').slice(-10).join('\n')}`)
  const ended = new Promise<string>(resolve => child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)))
  world.atEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended }
}

test('kill -9 of every role at its worst moments, and of the backfill: the same rows, dead letters and states', async () => {
  const { world: calm } = await prepare()
  startRoles(calm)
  await calm.backfill()
  for (const id of kinds) await calm.complete(id)
  const expected = await outcome(calm)
  expect([expected.ok, expected.events, expected.letters.length]).toEqual([true, facts + 1, 1])
  expect(expected.states).toEqual(await expectedStates(calm))

  const { world, strays } = await prepare()
  const died: string[] = []
  const dying = (Object.keys(deaths) as (keyof typeof deaths)[]).map(async role => {
    for (const point of deaths[role]) {
      // A copy in the wrong place for every route that has to meet one.
      if (role === 'route') await strays()
      if ((await launch(world, role, point).ended) === 'SIGKILL') died.push(point)
    }
    return launch(world, role, '')
  })
  const last = (await Promise.all(dying)).at(-1)
  expect(died.sort()).toEqual(Object.values(deaths).flat().sort())
  expect(await last!.ended).toBe('exit code 0')
  for (const id of kinds) await world.complete(id)
  expect(await outcome(world)).toEqual(expected)
}, 170_000)
