import type { MemoryStore } from '../../runtime/memory/memory-store.js'
import { topicName } from '../../schemas/topics.js'
import { manifestKey, manifestVersionKey, pieceKey } from '../../sinks/naming.js'
import { gcLater, keysOf, sumOf } from '../driver/garbage.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { uploads } from '../driver/objects.js'
import { startRoles } from '../driver/roles.js'
import { statements } from '../driver/statements.js'
import { gcContract } from './gc.js'

gcContract('in memory', makeMemoryWorld)

async function published() {
  const world = await makeMemoryWorld()
  const stop = startRoles(world)
  const revision = await world.apply({ id: 'films', kind: 'video' })
  await world.put(uploads(1, 'all', statements(0, 80), 80))
  await world.backfill()
  await world.complete('films')
  await stop()
  return { world, revision, bucket: world.services.config.datasetsBucket }
}

test('uploads that were never completed are aborted when they are old and ours', async () => {
  const { world, revision, bucket } = await published()
  const store = world.services.store as MemoryStore
  const piece = { dataset: 'films', generation: 1, revision, topic: 'events.video', partition: 0, extension: 'csv' } as const
  const ours = pieceKey({ ...piece, firstOffset: 7, lastOffset: 9, sha256: 'c'.repeat(64) })
  for (const key of [ours, 'films/theirs.csv', 'others/thing.csv']) store.leaveUpload(bucket, key)
  const left = async () => {
    const keys: string[] = []
    for await (const { key } of store.openUploads(bucket, '')) keys.push(key)
    return keys
  }
  expect((await gcLater(world, 23)).uploads).toBe(0)
  expect((await gcLater(world, 25, true)).uploads).toBe(1)
  expect(await left()).toHaveLength(3)
  expect((await gcLater(world, 25)).uploads).toBe(1)
  expect(await left()).toEqual(['films/theirs.csv', 'others/thing.csv'])
})

test('a dataset whose manifests cannot be read is left as it is, and so is one that a newer version has applied', async () => {
  const { world, bucket } = await published()
  const { store, log, naming } = world.services
  const piece = { dataset: 'films', generation: 1, revision: 0, topic: 'events.video', partition: 0, extension: 'csv' } as const
  await store.put(bucket, pieceKey({ ...piece, firstOffset: 0, lastOffset: 1, sha256: 'd'.repeat(64) }), Buffer.from('x'), 'text/csv')
  const shown = (await store.get(bucket, manifestKey('films')))!
  const before = await keysOf(world, '')
  const untouched = async (problem: RegExp) => {
    const sum = await gcLater(world, 40 * 24)
    expect(sumOf(sum, 'films').problem).toMatch(problem)
    expect([sum.cleared, sum.removed.objects]).toEqual([0, 0])
    expect(await keysOf(world, '')).toEqual(before)
  }
  await store.put(bucket, manifestKey('films'), Buffer.from('{"half":'), 'application/json')
  await untouched(/^S3_CONTENT_DIFFERS .*films\/manifest\.json: not JSON/)
  await store.put(bucket, manifestKey('films'), shown, 'application/json')
  const { version } = JSON.parse(shown.toString()) as { version: number }
  await store.put(bucket, manifestVersionKey('films', version), Buffer.from('{}'), 'application/json')
  await untouched(/^S3_CONTENT_DIFFERS .*manifests\//)
  await store.put(bucket, manifestVersionKey('films', version), shown, 'application/json')

  const writer = await log.writer()
  const records = [{ key: Buffer.from('films'), value: Buffer.from('{"id":"films","kind":"hologram"}') }]
  for (const partition of [0, 1]) await writer.send([{ topic: topicName('datasets', naming), partition, records }])
  await writer.close()
  await untouched(/newer version/)
})
