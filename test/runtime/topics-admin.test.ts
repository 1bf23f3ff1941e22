import type { Config } from '../../config.js'
import { allTopicNames, checkTopics, prepareLocalTopics } from '../../runtime/topics-admin.js'
import { makeMemoryWorld } from '../driver/memory-world.js'

test('on the local stack missing topics are made by the command that needs them, elsewhere by an operator', async () => {
  const { services } = await makeMemoryWorld()
  await services.log.deleteTopics(allTopicNames(services.naming))
  const missing = (await checkTopics(services)).length
  expect(missing).toBeGreaterThan(5)
  const elsewhere: Config = { ...services.config, brokers: ['a:9092'] }
  await prepareLocalTopics({ ...services, config: elsewhere })
  expect(await checkTopics(services)).toHaveLength(missing)
  await prepareLocalTopics(services)
  expect(await checkTopics(services)).toEqual([])
})
