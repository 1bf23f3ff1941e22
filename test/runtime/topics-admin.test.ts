import type { Config } from '../../config.js'
import { allTopicNames, applyTopics, checkTopics, prepareLocalTopics, prepareTopics, requireTopics } from '../../runtime/topics-admin.js'
import { topicName, topics } from '../../schemas/topics.js'
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

test('compacted topics close their segments after an hour, and an earlier release left the week of Kafka: it is found, refuses nothing, and can be set', async () => {
  const { services } = await makeMemoryWorld()
  const { log, naming } = services
  const compacted = Object.values(topics).flatMap(({ id, cleanup }) => (cleanup === 'compact' ? [topicName(id, naming)] : []))
  const settingsOf = async (name: string) => {
    const { config } = (await log.describeTopics([name])).get(name)!
    return [config['segment.ms'], config['segment.bytes']]
  }
  for (const name of compacted) expect(await settingsOf(name)).toEqual(['3600000', '16777216'])
  expect(await settingsOf(topicName('xapi', naming))).toEqual([undefined, undefined])

  const [first, second] = compacted as [string, string]
  const ofKafka = { 'segment.ms': '604800000', 'segment.bytes': '1073741824' }
  await log.configureTopics(
    new Map<string, Record<string, string>>([
      [first, ofKafka],
      [second, { 'segment.ms': '60000' }],
    ]),
  )
  const found = await checkTopics(services)
  expect(found.map(({ topic, problem }) => [topic, problem])).toEqual([
    [first, 'segment.ms is 604800000, should be 3600000'],
    [first, 'segment.bytes is 1073741824, should be 16777216'],
  ])
  await requireTopics(services)
  expect(await prepareTopics(services)).toEqual({ created: [], slow: found })

  expect(await applyTopics(services, { dryRun: true })).toEqual(found)
  expect(await checkTopics(services)).toEqual(found)
  expect(await applyTopics(services, { dryRun: false })).toEqual(found)
  expect(await checkTopics(services)).toEqual([])
  // An operator may want them shorter.
  expect(await settingsOf(second)).toEqual(['60000', '16777216'])
})

test('what refuses the start is set too, but no number of partitions', async () => {
  const { services } = await makeMemoryWorld({ PARTITIONS: '2' })
  const { log, naming } = services
  const events = topicName('events.attempt', naming)
  await log.configureTopics(new Map([[events, { 'retention.ms': '1000' }]]))
  await log.deleteTopics([topicName('sources', naming)])
  await expect(requireTopics(services)).rejects.toMatchObject({ code: 'TOPIC_MISSING' })
  expect((await applyTopics(services, { dryRun: false })).map(({ problem }) => problem)).toEqual([
    'retention.ms is 1000, must be -1',
    'does not exist',
  ])
  expect(await checkTopics(services)).toEqual([])
  await expect(applyTopics({ ...services, config: { ...services.config, partitions: 3 } }, { dryRun: false })).rejects.toMatchObject({
    code: 'TOPIC_MISMATCH',
  })
})
