import { readManifest } from '../../../runtime/datasets/read.js'
import type { MemoryLog } from '../../../runtime/memory/memory-log.js'
import { openCodec } from '../../../runtime/registry/codec.js'
import { type RouteLedger, routeLedgerKey } from '../../../schemas/route-ledger.js'
import { topicName } from '../../../schemas/topics.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { append, publish } from '../../driver/publish.js'
import { rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import type { World } from '../../driver/world.js'

/** So much that it takes several fetches to read. */
async function fillLedger(world: World, count: number): Promise<void> {
  const codec = await openCodec(world.services.registry, world.services.naming)
  const told = { events: {}, derived: 0, duplicates: 0, deadLetters: {}, misplaced: 0, markers: 0, spans: {}, position: null }
  const records = Array.from({ length: count }, (_, n) => {
    const ledger: RouteLedger = { partition: 0, host: 'one.oli.test', section: String(1000 + (n % 50)), rest: false, ...told }
    return { key: Buffer.from(routeLedgerKey(ledger)), value: codec.encodeLedger(ledger) }
  })
  await append(world, 'route-ledger', 0, records)
}

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
