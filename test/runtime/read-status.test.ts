import { discardLetters } from '../../runtime/dead-letters/discard.js'
import { everyLetter } from '../../runtime/dead-letters/letter-table.js'
import { openStatus, readStatus } from '../../runtime/read-status.js'
import { topology } from '../../topology.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { uploads } from '../driver/objects.js'
import { homeOf } from '../driver/produce.js'
import { append, publish } from '../driver/publish.js'
import { startRoles } from '../driver/roles.js'
import { statement, statements } from '../driver/statements.js'
import { until } from '../driver/until.js'

test('before, while and after roles run, and read again without opening anew', async () => {
  const world = await makeMemoryWorld()
  await publish(world, [...statements(0, 40), '{"spoilt', '{}'])
  const reader = await openStatus(world.services, topology)
  world.atEnd(() => reader.close())
  const before = await reader.read()
  expect(before.roles.map(({ role, members, tasks, lag, committedSeconds }) => [role, members, tasks, lag, committedSeconds])).toEqual([
    ['route', 0, 0, 42, null],
    ['aggregate', 0, 0, 0, null],
    ['sink', 0, 0, 42, null],
    ['publish', 0, 0, null, null],
  ])
  const stop = startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await world.complete('views')
  const { answer: during } = await until(world, 'all tasks to be seen', 20, async () => {
    const status = await reader.read()
    const seen = status.roles.every(({ members, tasks, committedSeconds }) => members === 1 && tasks === 2 && committedSeconds !== null)
    // The dataset does not wait for the aggregates.
    return seen && status.totals.aggregateLag === 0 ? status : null
  })
  expect(during.totals).toMatchObject({
    routeLag: 0,
    aggregateLag: 0,
    sinkLag: 0,
    events: 40,
    deadLetters: 2,
    refused: { invalid_json: 1, missing_key: 1 },
  })
  await stop()
  await discardLetters(world.services, everyLetter, { by: 'me', reason: 'made up', dryRun: false })
  const after = await reader.read()
  expect([after.roles.map(({ members }) => members), after.totals.decided]).toEqual([[0, 0, 0, 0], { replayed: 0, discarded: 2 }])
  expect((await readStatus(world.services, topology)).totals).toEqual(after.totals)
})

test('markers of a backfill, and the copy of a statement in its own partition, are no statements', async () => {
  const world = await makeMemoryWorld()
  startRoles(world)
  const astray = statement(1_000_001)
  await append(world, 'xapi', 1 - homeOf(world, astray), [{ key: null, value: Buffer.from(astray) }])
  await world.put(uploads(1, 'all', statements(0, 40), 20))
  await world.backfill()
  const { answer: status } = await until(world, 'route to be done', 20, async () => {
    const now = await readStatus(world.services, topology)
    return now.totals.routeLag === 0 ? now : null
  })
  expect(status.totals).toMatchObject({ statements: 41, xapi: 41 + 1 + 2 * 2 })
})
