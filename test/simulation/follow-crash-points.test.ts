import type { Fault, FaultPoint } from '../../runtime/fault.js'
import type { FollowRequest } from '../../runtime/follow/request.js'
import { memoryQueue } from '../../runtime/memory/memory-queue.js'
import { eventMessage } from '../driver/event-message.js'
import { sourcesOf, startFollow } from '../driver/follow.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { namedNow, type StoredObject, uploads } from '../driver/objects.js'
import { deadLettersOf, rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statements } from '../driver/statements.js'
import { until } from '../driver/until.js'

type FollowPoint = Extract<FaultPoint, `follow.${string}`>
/** A record, so that a new point without a test does not compile. A listing deletes no messages. */
const points: Record<FollowPoint, readonly ('listing' | 'queue')[]> = {
  'follow.afterSend': ['listing', 'queue'],
  'follow.afterLedger': ['listing', 'queue'],
  'follow.afterDelete': ['queue'],
  'follow.afterRecord': ['listing', 'queue'],
}
const facts = 400
const objects = uploads(1, 'video', [...statements(0, facts), '{"spoilt', ...statements(20, 40)], 10)

/** Behind the upload time. */
const ending = (place: string) => place.slice(place.lastIndexOf('_'))

/** Breaks the first and the third time that a point is passed. */
function breaking(point: FollowPoint | null): { fault: Fault; times: () => number } {
  let passed = 0
  let broken = 0
  const fault: Fault = at => {
    if (at !== point) return
    passed++
    if (passed !== 1 && passed !== 3) return
    broken++
    throw new Error(`injected at ${at}`)
  }
  return { fault, times: () => broken }
}

async function run(by: 'listing' | 'queue', point: FollowPoint | null) {
  const world = await makeMemoryWorld()
  const queue = memoryQueue(world.services.clock)
  startRoles(world)
  await world.apply({ id: 'films', kind: 'video' })
  const { fault, times } = breaking(point)
  async function put(some: readonly StoredObject[]): Promise<readonly StoredObject[]> {
    const named = namedNow(some, world.services.clock.now())
    await world.put(named)
    for (const { key } of named) queue.send(eventMessage(world.bucket, [key]))
    return named
  }
  const request: Partial<FollowRequest> = { sections: ['1'], prefixes: [] }
  startFollow(world, request, { fault, queue: by === 'queue' ? queue : null })
  // In two goes, so that the record is written in between.
  const first = await put(objects.slice(0, 20))
  for (const { key } of first.slice(0, 5)) queue.send(eventMessage(world.bucket, [key]))
  await until(world, 'the first to be read', 30, async () => (await sourcesOf(world)).objects.size === first.length || null)
  await put(objects.slice(20))
  await until(world, 'all to be read', 30, async () => (await sourcesOf(world)).objects.size === objects.length || null)
  if (by === 'queue') await until(world, 'the queue to be empty', 30, () => queue.bodies.length === 0 || null)
  if (point === 'follow.afterRecord') await until(world, 'the point to be passed again', 30, () => times() === 2 || null)
  await world.complete('films')
  const { rows } = await rowsOf(world, 'films')
  const letters = (await deadLettersOf(world)).map(({ code, source }) => [code, ending(source)])
  const { ok, problems, ledger } = await world.verify()
  const read = [...(await sourcesOf(world)).objects].map(([place, { lines }]) => `${ending(place)} ${lines}`).sort()
  return { outcome: { rows, letters, ok, problems, events: ledger.events, read }, times }
}

let smooth: Awaited<ReturnType<typeof run>>['outcome']
beforeAll(async () => {
  smooth = (await run('listing', null)).outcome
  expect([smooth.ok, smooth.problems, smooth.events, smooth.letters.length, smooth.read.length]).toEqual([
    true,
    [],
    facts,
    1,
    objects.length,
  ])
})

test('by messages the same comes out as by listing', async () => {
  expect((await run('queue', null)).outcome).toEqual(smooth)
})

test.each(Object.entries(points).flatMap(([point, ways]) => ways.map(by => [by, point as FollowPoint] as const)))(
  'by %s, broken at %s: the same rows, dead letters and ledger',
  async (by, point) => {
    const { outcome, times } = await run(by, point)
    expect(times()).toBeGreaterThan(0)
    expect(outcome).toEqual(smooth)
  },
  60_000,
)
