import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { downloadDataset } from '../../../runtime/datasets/download.js'
import { listDatasets, readManifest, shownManifest } from '../../../runtime/datasets/read.js'
import { manifestListsPrefix } from '../../../sinks/naming.js'
import { gcLater, keysOf } from '../../driver/garbage.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { uploads } from '../../driver/objects.js'
import { rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statements } from '../../driver/statements.js'
import type { World } from '../../driver/world.js'

/** As if one file were all that a manifest can hold. */
async function large(): Promise<World> {
  const world = await makeMemoryWorld({ PARTITIONS: '2', PIECE_BYTES: '10000' })
  startRoles(world, { mostInline: 1 })
  await world.apply({ id: 'films', kind: 'video' })
  await grow(world, 0)
  return world
}

async function grow(world: World, round: number): Promise<void> {
  await world.put(uploads(round, 'all', statements(round * 240, (round + 1) * 240, { section: round }), 240))
  await world.backfill({ sections: [String(round)] })
  await world.complete('films')
}

test('the files of a large dataset lie in lists: every reader finds all of them', async () => {
  const world = await large()
  const { services } = world
  const shown = (await shownManifest(services, 'films'))!
  expect([shown.files, shown.chunks]).toEqual([[], []])
  expect(shown.lists.length).toBeGreaterThan(1)
  const whole = (await readManifest(services, 'films'))!
  expect(whole.files.length).toBeGreaterThan(1)
  expect(whole.chunks).toEqual(whole.files.map(file => file.url))
  expect((await rowsOf(world, 'films')).rows.length).toBe(shown.counts.rows)
  expect((await listDatasets(services)).map(({ files }) => files)).toEqual([whole.files.length])
  expect((await world.verify()).problems).toEqual([])

  const folder = mkdtempSync(join(tmpdir(), 'tributary-lists-'))
  const { files } = await downloadDataset(services, 'films', folder, () => undefined)
  expect(files).toHaveLength(whole.files.length)
  expect(JSON.parse(readFileSync(join(folder, 'films/manifest.json'), 'utf8'))).toEqual(shown)
  for (const { key } of shown.lists) expect(JSON.parse(readFileSync(join(folder, key), 'utf8')).files.length).toBeGreaterThan(0)
  for (const { key } of shown.lists) expect(readFileSync(join(folder, 'films/index.html'), 'utf8')).toContain(key.split('/').at(-1))
  rmSync(folder, { recursive: true })
})

test('verify finds a list that is gone, and one that is not what the manifest names', async () => {
  const world = await large()
  const { store, config } = world.services
  const [first, second] = (await shownManifest(world.services, 'films'))!.lists
  const body = (await store.get(config.datasetsBucket, second!.key))!
  await store.delete(config.datasetsBucket, [first!.key])
  await store.put(config.datasetsBucket, second!.key, Buffer.from(body.toString().replaceAll('"rows":', '"rows":1')), 'application/json')
  const { problems } = await world.verify()
  expect(problems).toContain(`dataset films: ${first!.key} lists files of the dataset and is not there`)
  expect(problems.join()).toContain(`${second!.key} has SHA-256 `)
  await expect(readManifest(world.services, 'films')).rejects.toThrow('S3_CONTENT_DIFFERS')
})

test('gc takes lists that no kept manifest names, a day after, and leaves what may still be named', async () => {
  const world = await large()
  const { store, config } = world.services
  await grow(world, 1)
  const { version, lists } = (await shownManifest(world.services, 'films'))!
  const named = lists.map(list => list.key)
  const keyOf = (number: number) => `${manifestListsPrefix('films')}${String(number).padStart(10, '0')}-00009-${'a'.repeat(12)}.json`
  // Of a publisher that died before it wrote the number, or lost it to another; and of one that may write it yet.
  for (const number of [version, version + 1]) await store.put(config.datasetsBucket, keyOf(number), Buffer.from('{}'), 'application/json')
  const before = await keysOf(world, manifestListsPrefix('films'))
  expect(before).toEqual(expect.arrayContaining([...named, keyOf(version), keyOf(version + 1)]))
  await gcLater(world, 23)
  expect(await keysOf(world, manifestListsPrefix('films'))).toEqual(before)
  // After forty days no daily manifest is kept but the one that is shown.
  await gcLater(world, 40 * 24)
  expect(await keysOf(world, manifestListsPrefix('films'))).toEqual([...named, keyOf(version + 1)].sort())
  expect((await world.verify()).problems).toEqual([])
})
