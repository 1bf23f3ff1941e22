import { type Fault, type FaultPoint, noFault } from '../../runtime/fault.js'
import { isTributaryError } from '../../schemas/errors.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { uploads } from '../driver/objects.js'
import { homeOf } from '../driver/produce.js'
import { deadLettersOf, rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statement, statements } from '../driver/statements.js'
import { expectedStates, statesOf } from '../driver/states.js'
import type { World } from '../driver/world.js'

/**
 * All points in one run, over more data than the crash matrix has, with the ids seen on a real disk and the roles put together as they are
 * shipped. Those of a follow aside, which have a run of their own (follow-crash-points); a record, so that a new point without a test does
 * not compile.
 */
const points: Record<Exclude<FaultPoint, `follow.${string}`>, true> = {
  'route.afterClaim': true,
  'route.afterRestore': true,
  'route.afterMisplaced': true,
  'route.afterOutputs': true,
  'route.afterPosition': true,
  'route.afterCommit': true,
  'route.afterMerge': true,
  'aggregate.afterClaim': true,
  'aggregate.afterRestore': true,
  'aggregate.afterOutputs': true,
  'aggregate.afterCommit': true,
  'aggregate.afterMerge': true,
  'sink.afterClaim': true,
  'sink.afterUpload': true,
  'sink.afterRecords': true,
  'sink.afterCommit': true,
  'sink.afterMergeUpload': true,
  'sink.afterBucketUpload': true,
  'publish.afterLists': true,
  'publish.beforeNumbered': true,
  'publish.afterNumbered': true,
  'publish.afterManifest': true,
  'backfill.afterSend': true,
  'backfill.afterLedger': true,
  'backfill.afterEnd': true,
}

const datasets = ['attempt_evaluated', 'page_viewed', 'video', 'learners', 'sessions'] as const
const facts = 1200
const origin = { padding: 1500 }
const told = (from: number, to: number) => statements(from, to, origin)
/** A spoilt line, repeats of what was told long before, and each of five facts twice running. */
const lines = [
  ...told(0, facts / 2),
  '{"spoilt":',
  ...told(facts / 2, facts),
  ...told(20, 60),
  ...told(facts + 1, facts + 6).flatMap(line => [line, line]),
]
/** Small pieces, so that eight of them merge, small buckets and small commits, so that there are many; three files make a list. */
const env = { PIECE_BYTES: '10000', BUCKET_BYTES: '2000', COMMIT_BYTES: '10000', FETCH_BYTES: '10000', PARTITIONS: '2' }

/** Breaks the first and the third time that each point is passed. */
function breaking(): { fault: Fault; broken: ReadonlySet<FaultPoint> } {
  const passed = new Map<FaultPoint, number>()
  const broken = new Set<FaultPoint>()
  const fault: Fault = at => {
    const times = (passed.get(at) ?? 0) + 1
    passed.set(at, times)
    if (times !== 1 && times !== 3) return
    broken.add(at)
    throw new Error(`injected at ${at}`)
  }
  return { fault, broken }
}

/** What a person could see of it in the end. */
async function outcome(world: World) {
  const rows = []
  for (const id of [...datasets, 'late']) rows.push((await rowsOf(world, id)).rows)
  const letters = (await deadLettersOf(world)).map(({ code, source }) => [code, source.slice(source.indexOf('section/'))])
  const { ok, problems, ledger } = await world.verify()
  return { rows, letters, ok, problems, events: ledger.events, states: await statesOf(world) }
}

async function run(fault: Fault) {
  const world = await makeMemoryWorld(env)
  startRoles(world, { fault, mostInline: 3 })
  await world.put(uploads(1, 'attempt_evaluated', lines, 40))
  for (const kind of datasets) await world.apply({ id: kind, kind, freshness: 1 })
  // Without a key, and only where it does not belong.
  const { log, naming } = world.services
  const writer = await log.writer()
  const stray = statement(facts)
  await writer.send([
    { topic: `${naming.prefix}xapi`, partition: 1 - homeOf(world, stray), records: [{ key: null, value: Buffer.from(stray) }] },
  ])
  await writer.close()
  // A broken backfill is given again, as a person would.
  for (let tries = 1; ; tries++)
    try {
      await world.backfill({}, { fault })
      break
    } catch (error) {
      if (tries > 10 || isTributaryError(error) || !String(error).includes('injected')) throw error
    }
  await world.apply({ id: 'late', kind: 'video', sub_types: ['played'] })
  for (const id of [...datasets, 'late']) await world.complete(id)
  return world
}

test('broken at every point: the same rows, dead letters and states', async () => {
  const calm = await run(noFault)
  const smooth = await outcome(calm)
  expect(smooth.states).toEqual(await expectedStates(calm))
  expect([smooth.ok, smooth.problems, smooth.events, smooth.letters.length]).toEqual([true, [], facts + 6, 1])
  expect(smooth.rows.map(rows => rows.length)).toEqual([453, 151, 602, 40, 40, 151])

  const { fault, broken } = breaking()
  const world = await run(fault)
  expect(await outcome(world)).toEqual(smooth)
  expect([...broken].sort()).toEqual(Object.keys(points).sort())
})
