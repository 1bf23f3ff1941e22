import { downloadDataset } from '../../../runtime/datasets/download.js'
import { unknownDataset } from '../../../runtime/datasets/unknown-dataset.js'
import { manifestKey } from '../../../sinks/naming.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'

test('a dataset that does not exist is no work that goes on: it is named, with the nearest that are published', async () => {
  const { services, folder } = await makeMemoryWorld()
  const { datasetsBucket } = services.config
  await services.store.ensureBucket(datasetsBucket)
  await services.store.put(datasetsBucket, manifestKey('attempts'), Buffer.from(''), 'application/json')
  const unknown = { code: 'DATASET_UNKNOWN', message: expect.stringContaining('did you mean attempts?') as string }
  expect(await unknownDataset(services, 'atempts')).toMatchObject(unknown)
  await expect(downloadDataset(services, 'atempts', folder, () => undefined)).rejects.toMatchObject(unknown)
  expect((await unknownDataset(services, 'something-else')).message).not.toContain('did you mean')
})
