/** What must be kept: a retention is refused, what is gone all the same is noticed, and one dataset that lacks it stops alone. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { datasetsText } from '../../commands/status-text.js'
import { readManifest } from '../../runtime/datasets/read.js'
import type { MemoryLog } from '../../runtime/memory/memory-log.js'
import { readStatus } from '../../runtime/read-status.js'
import { reset } from '../../runtime/reset/reset.js'
import { checkTopics, prepareTopics, requireTopics } from '../../runtime/topics-admin.js'
import { type TopicId, topicName, topics } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { append, publish } from '../driver/publish.js'
import { recordsOf, rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { countOf, kindsOfDataset, statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const memory = (world: World) => world.services.log as MemoryLog
const name = (world: World, id: TopicId) => topicName(id, world.services.naming)
const views = (to: number) => countOf(0, to, kindsOfDataset.page_viewed)

test.each(Object.values(topics))('$id: deleting is accepted only where nothing is missed', async ({ id, cleanup, mayExpire }) => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  const config = memory(world).broker.topics.get(name(world, id))!.settings.config as Record<string, string>
  const check = async (setting: string, value: string, accepted: boolean) => {
    const before = config[setting]!
    config[setting] = value
    const problem = `${setting} is ${value}, must be ${before}`
    const finding = { topic: name(world, id), problem, missing: false, refused: true, setting: [setting, before] }
    expect(await checkTopics(world.services)).toEqual(accepted ? [] : [finding])
    for (const starts of [requireTopics, prepareTopics])
      if (!accepted)
        await expect(starts(world.services)).rejects.toMatchObject({ code: 'TOPIC_MISMATCH', message: expect.stringContaining(problem) })
    config[setting] = before
  }
  // A compacted topic deletes nothing by age or size.
  const expires = cleanup === 'compact' || mayExpire === true
  await check('retention.ms', '604800000', expires)
  await check('retention.bytes', '1073741824', expires)
  await check('cleanup.policy', 'compact,delete', false)
  await check('cleanup.policy', cleanup === 'compact' ? 'delete' : 'compact', false)
})

test('statements alone may expire', () => {
  expect(Object.values(topics).flatMap(({ id, mayExpire }) => (mayExpire ? [id] : []))).toEqual(['xapi'])
})

test('ids that are gone from the log and from the machine let no repeat in: route stops, and a reset brings all back', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  await world.apply({ id: 'views', kind: 'page_viewed' })
  const stop = startRoles(world)
  for (const [from, to] of [
    [0, 60],
    [60, 80],
  ] as const) {
    await publish(world, statements(from, to))
    await world.complete('views', 300)
  }
  await stop()
  const seen = name(world, 'route-seen')
  const { stable } = (await memory(world).watermarks(seen, [0])).get(0)!
  memory(world).truncate(seen, 0, stable - 2)
  rmSync(join(world.folder, 'state'), { recursive: true })

  const again = startRoles(world)
  await publish(world, statements(0, 80))
  const events = (await recordsOf(world, 'events.page-viewed')).length
  await until(
    world,
    'route to stop',
    30,
    () => world.said.some(text => /OFFSET_LOST.*restoring the ids seen.*tributary reset/.test(text)) || null,
  )
  expect(await recordsOf(world, 'events.page-viewed')).toHaveLength(events)
  await again()
  await reset(world.services, 'derived')
  startRoles(world)
  await world.complete('views', 300)
  expect((await rowsOf(world, 'views')).rows).toHaveLength(views(80))
  expect(await world.verify()).toMatchObject({ problems: [], ledger: { duplicates: 80 } })
})

test('an event that is in its topic twice is found', async () => {
  const world = await makeMemoryWorld()
  await world.apply({ id: 'views', kind: 'page_viewed' })
  startRoles(world)
  await publish(world, statements(0, 80))
  await world.complete('views', 300)
  const [event] = await recordsOf(world, 'events.page-viewed')
  await append(world, 'events.page-viewed', event!.partition, [event!])
  await world.complete('views', 300)
  const id = event!.headers.find(([header]) => header === 'id')![1].toString()
  const { ok, problems } = await world.verify()
  expect([ok, problems]).toEqual([
    false,
    [expect.stringMatching(`^event twice: .*events.page-viewed.*/${event!.partition}/\\d+ has id ${id}`)],
  ])
})

test('a dataset whose events were deleted stops alone, and says so', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  await world.apply({ id: 'views', kind: 'page_viewed' })
  const stop = startRoles(world)
  await publish(world, statements(0, 80))
  await world.complete('views', 300)
  memory(world).truncate(name(world, 'events.page-viewed'), 0, 5)
  const revision = await world.apply({ id: 'late', kind: 'page_viewed' })
  await world.apply({ id: 'attempts', kind: 'attempt_evaluated' })
  const stopped = { revision, partition: 0, topic: 'events.page-viewed', next: 0, low: 5 }
  await until(world, 'the manifest to say so', 30, async () => ((await readManifest(world.services, 'late'))?.stopped ? true : null))
  expect((await readManifest(world.services, 'late'))!).toMatchObject({ stopped: [stopped], completeThrough: null })
  await expect(world.complete('late')).rejects.toMatchObject({ code: 'OFFSET_LOST' })

  // The others go on, those too that began at the same place.
  await publish(world, statements(80, 160))
  for (const dataset of ['views', 'attempts']) await world.complete(dataset, 300)
  expect((await rowsOf(world, 'views')).rows).toHaveLength(views(160))
  expect((await rowsOf(world, 'attempts')).rows).toHaveLength(countOf(0, 160, kindsOfDataset.attempt_evaluated))
  const said = () => world.said.filter(text => text.includes('the dataset stops')).length
  expect(world.said.join('\n')).not.toMatch(/task stopped/)
  const { datasets } = await readStatus(world.services, topology)
  expect(datasets.map(({ id, state }) => [id, state])).toEqual([
    ['attempts', 'current'],
    ['late', 'stopped'],
    ['views', 'current'],
  ])
  expect(datasetsText(datasets)).toContain('late stopped:\n  offsets 0 to 4 of events.page-viewed, partition 0, were deleted\n')

  // After a restart it is tried again, and nothing is written that is known.
  await stop()
  const before = said()
  const again = startRoles(world, { roles: ['sink'] })
  await until(world, 'it to stop again', 30, () => (said() > before ? true : null))
  await again()

  // A changed spec is another revision, beside the files that are shown: it stops too, and these stay.
  startRoles(world)
  const next = await world.apply({ id: 'views', kind: 'page_viewed', exclude_fields: ['page_id'] })
  await until(world, 'the manifest to say so', 30, async () => ((await readManifest(world.services, 'views'))?.stopped ? true : null))
  const shown = (await readManifest(world.services, 'views'))!
  expect(shown).toMatchObject({ stopped: [{ ...stopped, revision: next }], counts: { rows: views(160) } })
  expect(shown.revision).not.toBe(next)
})
