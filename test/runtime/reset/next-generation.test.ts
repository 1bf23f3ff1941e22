/** A release whose derived topics are of another generation: it refuses to start beside the older ones; after `reset` everything comes out of `xapi` again. */
import { readConfig } from '../../../config.js'
import { readManifest } from '../../../runtime/datasets/read.js'
import { reset } from '../../../runtime/reset/reset.js'
import { prepareLocalTopics, prepareTopics, requireTopics } from '../../../runtime/topics-admin.js'
import { topicName } from '../../../schemas/topics.js'
import { makeMemoryWorld, memoryServers } from '../../driver/memory-world.js'
import { jsonl, torusKey, uploads } from '../../driver/objects.js'
import { rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement, statements } from '../../driver/statements.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

const datasets = ['attempts', 'people'] as const
const long = { key: torusKey(1, 'all', 99), body: jsonl([statement(0, { padding: 5000 })]) }

const rowsOfAll = (world: World) => Promise.all(datasets.map(async dataset => (await rowsOf(world, dataset)).rows))
const shownNow = (world: World) => Promise.all(datasets.map(dataset => readManifest(world.services, dataset)))

async function complete(world: World): Promise<void> {
  for (const dataset of datasets) await world.complete(dataset)
}

test('readers see the older files until the new ones hold as much; rows and history stay', async () => {
  const servers = memoryServers()
  const names = { TOPIC_PREFIX: 'ours.', DATASETS_BUCKET: 'ours', MAX_STATEMENT_BYTES: '3000' }
  const older = await makeMemoryWorld({ ...names, GENERATION: '2' }, servers)
  const stop = startRoles(older)
  await older.apply({ id: 'attempts', kind: 'attempt_evaluated', section_ids: [1] })
  await older.apply({ id: 'people', kind: 'learners' })
  await older.put([...uploads(1, 'all', statements(0, 120), 50), long])
  await older.backfill()
  await complete(older)

  const upgraded = servers(readConfig({ ...older.env, GENERATION: '3' }), 'upgraded')
  older.atEnd(() => upgraded.close())
  const derived = () => upgraded.log.describeTopics([topicName('route-ledger', upgraded.naming)])
  for (const starts of [prepareTopics, requireTopics, prepareLocalTopics])
    await expect(starts(upgraded)).rejects.toMatchObject({ code: 'GENERATION_OLDER', message: expect.stringMatching(/route-seen\.g2/) })
  // As long as its roles run they would go on with the same datasets.
  const live = { code: 'ROLES_LIVE', message: expect.stringMatching(/publish of generation 2: /) }
  await expect(reset(upgraded, 'derived')).rejects.toMatchObject(live)
  await stop()
  expect((await derived()).size).toBe(0)
  const before = { manifests: await shownNow(older), rows: await rowsOfAll(older) }

  const { objects } = await reset(upgraded, 'derived')
  expect(objects).toEqual([`${older.bucket}/${long.key}`])
  const newer = await makeMemoryWorld({ ...names, GENERATION: '3' }, servers)
  expect(await shownNow(newer)).toEqual(before.manifests)

  startRoles(newer)
  const { answer: manifests } = await until(newer, 'manifests of generation 3', 60, async () => {
    const all = await shownNow(newer)
    return all.every(manifest => manifest?.generation === 3) ? all : null
  })
  expect(manifests.map(manifest => manifest?.sections)).toEqual(before.manifests.map(manifest => manifest?.sections))
  for (const [n, manifest] of manifests.entries()) expect(manifest!.version).toBeGreaterThan(before.manifests[n]!.version)
  expect(await rowsOfAll(newer)).toEqual(before.rows)
  expect((await newer.verify()).problems).toEqual([])
})
