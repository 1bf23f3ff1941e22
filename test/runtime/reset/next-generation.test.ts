/** A release whose derived topics are of another generation: `reset`, and everything comes out of `xapi` again. */
import { readManifest } from '../../../runtime/datasets/read.js'
import { reset } from '../../../runtime/reset/reset.js'
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
  const older = await makeMemoryWorld({ ...names, GENERATION: '1' }, servers)
  const stop = startRoles(older)
  await older.apply({ id: 'attempts', kind: 'attempt_evaluated', section_ids: [1] })
  await older.apply({ id: 'people', kind: 'learners' })
  await older.put([...uploads(1, 'all', statements(0, 120), 50), long])
  await older.backfill()
  await complete(older)
  await stop()
  const before = { manifests: await shownNow(older), rows: await rowsOfAll(older) }

  const newer = await makeMemoryWorld(names, servers)
  expect(newer.services.naming.generation).toBe(2)
  const { objects } = await reset(newer.services, 'derived')
  expect(objects).toEqual([`${older.bucket}/${long.key}`])
  expect(await shownNow(newer)).toEqual(before.manifests)

  startRoles(newer)
  const { answer: manifests } = await until(newer, 'manifests of generation 2', 60, async () => {
    const all = await shownNow(newer)
    return all.every(manifest => manifest?.generation === 2) ? all : null
  })
  expect(manifests.map(manifest => manifest?.sections)).toEqual(before.manifests.map(manifest => manifest?.sections))
  for (const [n, manifest] of manifests.entries()) expect(manifest!.version).toBeGreaterThan(before.manifests[n]!.version)
  expect(await rowsOfAll(newer)).toEqual(before.rows)
  expect((await newer.verify()).problems).toEqual([])
})
