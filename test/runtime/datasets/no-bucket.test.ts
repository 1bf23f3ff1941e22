import { downloadDataset } from '../../../runtime/datasets/download.js'
import { listDatasets, readManifest } from '../../../runtime/datasets/read.js'
import { collectGarbage } from '../../../runtime/gc/collect-garbage.js'
import type { ObjectStore } from '../../../runtime/object-store.js'
import type { Services } from '../../../runtime/services.js'
import { TributaryError } from '../../../schemas/errors.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import type { World } from '../../driver/world.js'

/** A dataset that was applied before any sink ran: nobody has made the bucket yet. */
async function applied(): Promise<World> {
  const world = await makeMemoryWorld()
  await world.apply({ id: 'views', kind: 'page_viewed' })
  return world
}
const collect = (services: Services) =>
  collectGarbage(services, { dryRun: false, onProgress: () => undefined, signal: new AbortController().signal })

test('before a sink has made the bucket of the datasets nothing is published, and to look is no error', async () => {
  const world = await applied()
  const { services, folder } = world
  await expect(services.store.head(services.config.datasetsBucket, 'any')).rejects.toMatchObject({ code: 'S3_BUCKET_MISSING' })
  expect(await readManifest(services, 'views')).toBeNull()
  expect(await listDatasets(services)).toMatchObject([{ id: 'views', state: 'not published' }])
  await expect(world.complete('views', 1)).rejects.toMatchObject({ code: 'INCOMPLETE' })
  await expect(downloadDataset(services, 'views', folder, () => undefined)).rejects.toMatchObject({ code: 'DATASET_UNKNOWN' })
  expect((await world.verify()).problems).toEqual([])
  expect(await collect(services)).toMatchObject({ datasets: [{ id: 'views', problem: null }] })
})

test('an access that is refused is an error: whether anything is published is not known', async () => {
  const { services } = await applied()
  const refuse = async (): Promise<never> => {
    throw new TributaryError('S3_REFUSED', '403')
  }
  const store: ObjectStore = { ...services.store, get: refuse, list: () => ({ [Symbol.asyncIterator]: () => ({ next: refuse }) }) }
  const closed = { ...services, store }
  const refused = { code: 'S3_REFUSED' }
  await expect(readManifest(closed, 'views')).rejects.toMatchObject(refused)
  await expect(listDatasets(closed)).rejects.toMatchObject(refused)
  await expect(collect(closed)).rejects.toMatchObject(refused)
})
