import { readManifest } from '../../../runtime/datasets/read.js'
import type { Log, LogReader } from '../../../runtime/log.js'
import type { Services } from '../../../runtime/services.js'
import { topicName } from '../../../schemas/topics.js'
import { withReader } from '../../driver/fetched.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { homeOf } from '../../driver/produce.js'
import { recordsOf, rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

const allRoles = ['route', 'aggregate', 'sink', 'publish'] as const

async function send(world: World, from: number, to: number): Promise<void> {
  const { log, naming } = world.services
  const writer = await log.writer()
  const topic = topicName('xapi', naming)
  const texts = Array.from({ length: to - from }, (_, i) => statement(from + i, {}, 'page_viewed'))
  await writer.send(texts.map(text => ({ topic, partition: homeOf(world, text), records: [{ key: null, value: Buffer.from(text) }] })))
  await writer.close()
}

/** The manifest shows this revision with so many rows, which are those of its files. */
async function shows(world: World, revision: number, rows: number): Promise<void> {
  await until(world, `revision ${revision} to show ${rows} rows`, 120, async () => {
    const manifest = await readManifest(world.services, 'data')
    return manifest?.revision === revision && manifest.counts.rows === rows ? true : null
  })
  expect((await rowsOf(world, 'data')).rows).toHaveLength(rows)
}

test('a dataset changes between kinds of events and of states, each time without a restart', async () => {
  const world = await makeMemoryWorld()
  startRoles(world, { roles: allRoles })
  await send(world, 0, 30)
  await shows(world, await world.apply({ id: 'data', kind: 'page_viewed' }), 30)
  await shows(world, await world.apply({ id: 'data', kind: 'learners' }), 30)
  await shows(world, await world.apply({ id: 'data', kind: 'sessions' }), 30)
  await shows(world, await world.apply({ id: 'data', kind: 'page_viewed', sub_types: ['practice', 'graded'] }), 30)
  await send(world, 30, 50)
  await world.complete('data')
  await shows(world, (await readManifest(world.services, 'data'))!.revision, 50)
  expect((await world.verify()).problems).toEqual([])
})

/** A catch-up that reads nothing of partition 1 until it is let go; live reading goes on. */
function heldCatchUp(world: World) {
  const held = { closed: true }
  const topic = topicName('events.page-viewed', world.services.naming)
  const isHeld = (place: { topic: string; partition: number }) => held.closed && place.topic === topic && place.partition === 1
  const reader = (log: Log): LogReader => {
    const inner = log.reader()
    return {
      async fetch(positions, limits) {
        const fetched = await inner.fetch(positions, limits)
        if (limits.maxWaitMs > 0) return fetched
        return fetched.map((f, i) => (isHeld(f) ? { ...f, records: [], next: positions[i]!.offset } : f))
      },
      close: () => inner.close(),
    }
  }
  const between = (services: Services): Services => ({ ...services, log: withReader(services.log, () => reader(services.log)) })
  return { held, between }
}

test('the shown revision stays current while the next is built, beside restarts and a second change, until one write swaps', async () => {
  const world = await makeMemoryWorld()
  const { held, between } = heldCatchUp(world)
  const start = () => startRoles(world, { roles: ['route', 'sink', 'publish'], between })
  let stop = start()
  // More than a gap that is closed while live reading waits, in the partition that is held.
  const rows = 8000
  await send(world, 0, rows)
  const first = await world.apply({ id: 'data', kind: 'page_viewed' })
  held.closed = false
  await shows(world, first, rows)
  held.closed = true

  await world.apply({ id: 'data', kind: 'page_viewed', exclude_fields: ['page_attempt_guid'] })
  await send(world, rows, rows + 20)
  await shows(world, first, rows + 20)
  await stop()
  stop = start()
  await send(world, rows + 20, rows + 40)
  await shows(world, first, rows + 40)
  // The second was not done.
  const third = await world.apply({ id: 'data', kind: 'page_viewed', exclude_fields: ['page_id'] })
  await send(world, rows + 40, rows + 60)
  await shows(world, first, rows + 60)
  await stop()
  stop = start()
  await send(world, rows + 60, rows + 80)
  await shows(world, first, rows + 80)
  expect((await readManifest(world.services, 'data'))!.positions.every(({ xapi }) => xapi !== null)).toBe(true)

  held.closed = false
  await shows(world, third, rows + 80)
  await until(world, 'the other revisions to be unlisted', 60, async () => {
    const listed = new Map<string, boolean>()
    for (const { key, value } of await recordsOf(world, 'dataset-files')) listed.set(key!.toString(), value !== null)
    const others = [...listed].filter(([key, there]) => there && /^[FP]\|data\|/.test(key) && !key.startsWith(`F|data|${third}|`))
    return others.length === 0 || null
  })
  expect((await world.verify()).problems).toEqual([])
})
