import { makeMemoryWorld } from '../../driver/memory-world.js'
import { homeOf } from '../../driver/produce.js'
import { append } from '../../driver/publish.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'

test('who waits for all that is in xapi waits for what lies in a wrong partition, too', async () => {
  // Route moves it with the commit that passes it, and its copy waits for a commit of its own.
  const world = await makeMemoryWorld({ PARTITIONS: '2', COMMIT_MS: '5000' })
  await world.apply({ id: 'views', kind: 'page_viewed' })
  const text = statement(1, {}, 'page_viewed')
  await append(world, 'xapi', 1 - homeOf(world, text), [{ key: null, value: Buffer.from(text) }])
  startRoles(world, { roles: ['route', 'sink', 'publish'] })
  expect((await world.complete('views')).counts.rows).toBe(1)
})

test('without a route it says how far it is when the time is up', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await append(world, 'xapi', 0, [{ key: null, value: Buffer.from(statement(1)) }])
  await expect(world.complete('views', 2)).rejects.toThrow(/views: time is up \(views: route has read 0 of 1 partitions\)/)
})
