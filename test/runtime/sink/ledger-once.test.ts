import type { FetchPosition, Log } from '../../../runtime/log.js'
import { topicName } from '../../../schemas/topics.js'
import { fillLedger } from '../../driver/fill-ledger.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { publish } from '../../driver/publish.js'
import { rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'

/** What its readers ask for, in order. */
function watched(log: Log, asked: (readonly FetchPosition[])[]): Log {
  const reader = () => {
    const own = log.reader()
    return {
      ...own,
      close: () => own.close(),
      fetch(...[positions, limits]: Parameters<typeof own.fetch>) {
        asked.push(positions)
        return own.fetch(positions, limits)
      },
    }
  }
  return new Proxy(log, { get: (target, name) => (name === 'reader' ? reader : Reflect.get(target, name).bind?.(target)) })
}

test('the ledger is read once for all datasets of a task, a step at a time beside live reading', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1', FETCH_BYTES: '10000' })
  const { naming } = world.services
  startRoles(world, { roles: ['route', 'aggregate', 'publish'] })
  await fillLedger(world, 4000)
  const asked: (readonly FetchPosition[])[] = []
  startRoles(world, { roles: ['sink'], between: services => ({ ...services, log: watched(services.log, asked) }) })
  await world.apply({ id: 'all', kind: 'page_viewed' })
  const texts = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => statement(from + n, { section: 1 + (n % 3) }, 'page_viewed'))
  await publish(world, texts(0, 60))
  await world.complete('all', 300)

  const topic = topicName('route-ledger', naming)
  // Live reading asks for the events too.
  const isLedger = (positions: readonly FetchPosition[]) => positions.every(position => position.topic === topic)
  asked.length = 0
  for (const section of [1, 2]) await world.apply({ id: `s${section}`, kind: 'page_viewed', section_ids: [section] })
  await world.apply({ id: 'learners', kind: 'learners' })
  for (const id of ['s1', 's2', 'learners']) await world.complete(id, 300)
  await publish(world, texts(60, 120))
  await world.apply({ id: 's3', kind: 'page_viewed', section_ids: [3] })
  for (const id of ['s1', 's2', 's3', 'learners', 'all']) await world.complete(id, 300)

  const steps = asked.flatMap((positions, at) => (isLedger(positions) ? [{ at, offset: positions[0]!.offset }] : []))
  expect(steps.length).toBeGreaterThan(10)
  // Nothing of it is read twice.
  expect(new Set(steps.map(({ offset }) => offset)).size).toBe(steps.length)
  // Live reading goes on.
  const [first, last] = [steps[0]!.at, steps.at(-1)!.at]
  expect(last - first - steps.length).toBeGreaterThan(steps.length / 4)
  for (const section of [1, 2, 3]) expect((await rowsOf(world, `s${section}`)).rows).toHaveLength(40)
  expect((await world.verify()).problems.filter(problem => !problem.includes('ledger'))).toEqual([])
})
