import { readManifest } from '../../../runtime/datasets/read.js'
import type { MemoryLog } from '../../../runtime/memory/memory-log.js'
import { topicName } from '../../../schemas/topics.js'
import { fillLedger } from '../../driver/fill-ledger.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { publish } from '../../driver/publish.js'
import { rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'

test('a dataset near live reading whose sections lie behind what was deleted waits for the ledger, and has all its rows', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1', FETCH_BYTES: '10000' })
  await fillLedger(world, 4000)
  startRoles(world, { roles: ['route', 'sink', 'publish'] })
  await world.apply({ id: 'all', kind: 'page_viewed' })
  const tell = (from: number, section: number) =>
    publish(
      world,
      Array.from({ length: 60 }, (_, n) => statement(from + n, { section }, 'page_viewed')),
    )
  await tell(0, 1)
  await world.complete('all', 300)
  await tell(60, 2)
  await world.complete('all', 300)
  ;(world.services.log as MemoryLog).truncate(topicName('events.page-viewed', world.services.naming), 0, 30)
  await world.apply({ id: 'late', kind: 'page_viewed', section_ids: [2] })
  await world.complete('late', 300)
  expect((await readManifest(world.services, 'late'))!.stopped).toBeUndefined()
  expect((await rowsOf(world, 'late')).rows).toHaveLength(60)
  expect(world.said.filter(text => text.includes('the dataset stops'))).toEqual([])
})
