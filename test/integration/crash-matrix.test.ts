/**
 * The points that matter most × `kill -9`, an exception, and hanging for longer than a transaction may last, on a real broker; the simulation
 * has all points. Role beside role, each suffers one thing after the other while statements flow.
 */
import type { FaultPoint } from '../../runtime/fault.js'
import { type FaultyRole, type Suffering, startFaulty, suffered } from '../driver/faulty-role.js'
import { batchesOf, startLive } from '../driver/live.js'
import { uploads } from '../driver/objects.js'
import { homeOf, produce } from '../driver/produce.js'
import { makeWorld } from '../driver/real-world.js'
import { deadLettersOf, rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statement, statements } from '../driver/statements.js'
import { expectedStates, statesOf } from '../driver/states.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const points = {
  route: ['route.afterOutputs', 'route.afterPosition', 'route.afterCommit', 'route.afterMisplaced'],
  aggregate: ['aggregate.afterOutputs', 'aggregate.afterCommit', 'aggregate.afterMerge'],
  sink: ['sink.afterUpload', 'sink.afterRecords', 'sink.afterCommit', 'sink.afterBucketUpload'],
  publish: ['publish.beforeNumbered', 'publish.afterNumbered', 'publish.afterManifest'],
  backfill: ['backfill.afterSend', 'backfill.afterLedger', 'backfill.afterEnd'],
} as const satisfies Record<string, readonly FaultPoint[]>
type Who = keyof typeof points

const transactionMs = 1_500
/** A transaction that is late is ended at the next look for such, once a second. */
const hangMs = transactionMs + 1_500
const kinds = ['attempt_evaluated', 'page_viewed', 'video', 'learners'] as const
/** What each backfill finds that is new. */
const perRun = 500
const runs = 2 * points.backfill.length + 1
const facts = runs * perRun
/** Each with a spoilt line, and some lines of the run before. */
const uploadsOf = (run: number) => {
  const from = run * perRun
  return uploads(1, `run-${run}`, [...statements(from, from + perRun), '{"spoilt', ...statements(Math.max(0, from - 50), from)], 250)
}
const stray = statement(facts)
const liveStatement = (n: number) => statement(facts + 1 + n)
const livePerSecond = 100
// A dead member is missed after this long; six seconds are the least that a broker takes.
const env = { SESSION_TIMEOUT_MS: '6000', TRANSACTION_TIMEOUT_MS: String(transactionMs) }

async function prepare(): Promise<World> {
  const world = await makeWorld({ env })
  // A snapshot gathers for a minute unless it is told otherwise.
  for (const kind of kinds) await world.apply({ id: kind, kind, ...(kind === 'learners' && { freshness: 1 }) })
  return world
}

/** A statement in the wrong partition; many times it is a duplicate. */
function strays(world: World): Promise<void> {
  return produce(world, [{ value: stray, partition: (homeOf(world, stray) + 1) % world.services.config.partitions }])
}

async function outcome(world: World) {
  const rows = []
  for (const id of kinds) rows.push(await rowsOf(world, id))
  const letters = (await deadLettersOf(world)).map(({ code, source }) => [code, source.slice(source.indexOf('section/'))])
  const { ok, problems, ledger } = await world.verify()
  return { rows, letters, ok, problems, events: ledger.events, states: await statesOf(world) }
}

/** The same statements, and nothing happens. */
async function calm(live: number) {
  const world = await prepare()
  startRoles(world)
  const flow = Array.from({ length: live }, (_, n) => liveStatement(n))
  await (await world.services.log.writer()).send(batchesOf(world, flow))
  await strays(world)
  for (let run = 0; run < runs; run++) await world.put(uploadsOf(run))
  await world.backfill()
  for (const id of kinds) await world.complete(id)
  const expected = await outcome(world)
  expect([expected.ok, expected.events, expected.letters.length]).toEqual([true, facts + 1 + live, runs])
  expect(expected.states).toEqual(await expectedStates(world))
  return expected
}

/** Resolves with the process that has outlived it all, and what has happened. */
async function suffer(world: World, who: Who): Promise<{ readonly last: FaultyRole; readonly happened: readonly string[] }> {
  const happened: string[] = []
  let run = 0
  const begin = async (plan: readonly Suffering[]) => {
    if (who === 'backfill') await world.put(uploadsOf(run++))
    return startFaulty(world, who, plan)
  }
  const ends = async (point: FaultPoint, what: 'SIGKILL' | 'throw', how: string) => {
    if ((await (await begin([[point, what]])).ended) === how) happened.push(`${what} ${point}`)
  }
  for (const point of points[who]) await ends(point, 'SIGKILL', 'SIGKILL')
  // A task is started again after an error, a backfill is given again.
  if (who === 'backfill') for (const point of points[who]) await ends(point, 'throw', 'exit code 1')
  const left = points[who].flatMap((point): Suffering[] =>
    who === 'backfill'
      ? [[point, hangMs]]
      : [
          [point, 'throw'],
          [point, hangMs],
        ],
  )
  const last = await begin(left)
  for (const [point, what] of left) {
    await until(world, `${who} to suffer ${what} at ${point}`, 60, () => suffered(last, [point, what]) || null)
    happened.push(`${what} ${point}`)
  }
  return { last, happened }
}

test('kill -9, exceptions and hanging at the worst moments of every role and of the backfill: the same rows, dead letters and states', async () => {
  const world = await prepare()
  const live = startLive(world, livePerSecond, liveStatement)
  const whoever = Object.keys(points) as Who[]
  const all = Promise.all(whoever.map(who => suffer(world, who)))
  let over = false
  all.finally(() => (over = true)).catch(() => undefined)
  // As long as route has to meet some.
  while (!over) {
    await strays(world)
    await world.services.clock.sleep(300)
  }
  const suffering = await all
  const wanted = whoever.flatMap(who => points[who].flatMap(point => [`SIGKILL ${point}`, `throw ${point}`, `${hangMs} ${point}`]))
  expect(suffering.flatMap(({ happened }) => happened).sort()).toEqual(wanted.sort())

  const sent = await live.stop()
  const last = suffering.map(({ last }) => last)
  expect(await last.at(-1)!.ended).toBe('exit code 0')
  for (const id of kinds) await world.complete(id)
  const found = await outcome(world)
  for (const { child, ended } of last.slice(0, -1)) {
    child.kill('SIGTERM')
    expect(await ended).toBe('exit code 0')
  }
  expect(found).toEqual(await calm(sent))
})
