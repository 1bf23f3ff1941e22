import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { uploads } from '../driver/objects.js'
import { rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statement } from '../driver/statements.js'
import { until } from '../driver/until.js'

const views = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => statement(from + i, {}, 'page_viewed'))

test('on a full disk roles give their tasks to an instance with room, and take tasks again when there is room', async () => {
  const world = await makeMemoryWorld()
  const stateful = ['route', 'aggregate', 'sink']
  let free = Number.POSITIVE_INFINITY
  startRoles(world, { free: () => free })
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await world.apply({ id: 'people', kind: 'learners' })
  await world.put(uploads(1, 'a', views(0, 40), 20))
  await world.backfill()
  await world.complete('views')

  free = 1000
  await world.put(uploads(1, 'b', views(40, 80), 20))
  await world.backfill({}, { wait: false })
  const saysFull = (role: string) => world.said.some(text => text.startsWith(`role ${role} ended`) && text.includes('DISK_FULL'))
  await until(world, 'the roles to end with DISK_FULL', 60, async () => stateful.every(role => saysFull(role)) || null)
  // Coded, and nothing else: no error that nobody foresaw, and no state that is thrown away.
  expect(world.said.filter(text => /role \w+ ended/.test(text) && !text.includes('DISK_FULL'))).toEqual([])

  const other = mkdtempSync(join(tmpdir(), 'other-disk-'))
  const stopOther = startRoles(world, {
    roles: ['route', 'aggregate', 'sink'],
    between: services => ({ ...services, config: { ...services.config, dataDir: other } }),
  })
  await world.complete('views')
  expect((await rowsOf(world, 'views')).rows).toHaveLength(80)
  await stopOther()
  rmSync(other, { recursive: true })

  free = Number.POSITIVE_INFINITY
  await world.put(uploads(1, 'c', views(80, 120), 20))
  await world.backfill()
  await world.complete('views')
  await world.complete('people')
  expect((await rowsOf(world, 'views')).rows).toHaveLength(120)
  expect(world.said.filter(text => text.includes('the local state is removed'))).toEqual([])
  expect(await world.verify()).toMatchObject({ ok: true })
})
