import { makeMemoryWorld } from '../../driver/memory-world.js'
import { publish } from '../../driver/publish.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'

const openBytes = 100_000
const count = 15

test('live datasets that share the budget write files as large as their part of it, not one file a row', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1', OPEN_BYTES: String(openBytes), PUTS_PER_SECOND: '1000' })
  const created: number[] = []
  startRoles(world, {
    roles: ['route', 'sink', 'publish'],
    store: store => ({
      ...store,
      async create(...args) {
        if (args[1].endsWith('.csv')) created.push(args[2].length)
        return store.create(...args)
      },
    }),
  })
  const ids = Array.from({ length: count }, (_, i) => `d${i}`)
  for (const id of ids) await world.apply({ id, kind: 'page_viewed', freshness: 60 })
  const tell = (from: number, to: number) =>
    publish(
      world,
      Array.from({ length: to - from }, (_, n) => statement(from + n, {}, 'page_viewed')),
    )
  await tell(0, 1)
  for (const id of ids) await world.complete(id, 400)
  created.length = 0
  await tell(1, 301)
  for (const id of ids) await world.complete(id, 400)
  created.sort((a, b) => a - b)
  // Of one half of the budget, of which a half stays.
  expect(created[created.length >> 1]).toBeGreaterThan(openBytes / 2 / count / 2)
})
