import { sayAtWork } from '../../../runtime/gc/at-work.js'
import { gcPrefix } from '../../../sinks/naming.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'

test('a run that cannot see the others takes back that it is at work: else every pin would wait for it', async () => {
  const { services } = await makeMemoryWorld()
  const bucket = services.config.datasetsBucket
  await services.store.ensureBucket(bucket)
  const broken = new Error('the listing broke off')
  const store = {
    ...services.store,
    // biome-ignore lint/correctness/useYield: it breaks off before the first.
    list: async function* () {
      throw broken
    },
  }
  await expect(sayAtWork({ ...services, store }, 'attempts')).rejects.toBe(broken)
  const left: string[] = []
  for await (const { key } of services.store.list(bucket, gcPrefix('attempts'))) left.push(key)
  expect(left).toEqual([])
  const atWork = await sayAtWork(services, 'attempts')
  for await (const { key } of services.store.list(bucket, gcPrefix('attempts'))) left.push(key)
  expect(left).toHaveLength(1)
  await atWork.end()
})
