import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { verifyDeepTarget } from '../../runtime/verify-target.js'
import { topicName } from '../../schemas/topics.js'
import { verifyDeep } from '../../verify/deep/verify-deep.js'
import { makeWorld } from '../driver/real-world.js'
import { deadLettersOf } from '../driver/results.js'
import { statement } from '../driver/statements.js'
import type { World } from '../driver/world.js'
import { limit } from '../poison/poison.js'
import { pour } from '../poison/pour.js'

/** A record far above the limit of the log, which compression brings in, among sound ones. */
async function bomb({ services }: World): Promise<void> {
  const producer = new Kafka({ brokers: [...services.addresses.brokers], logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  const values = [statement(1_000_000, {}, 'page_viewed'), `{"more":"${'0'.repeat(20 * limit)}"}`, statement(1_000_001, {}, 'page_viewed')]
  await producer.send({
    topic: topicName('xapi', services.naming),
    compression: CompressionTypes.GZIP,
    messages: values.map(value => ({ value, partition: 1 })),
  })
  await producer.disconnect()
}

test('no poison stops the servers, is lost, or harms its neighbours', async () => {
  const world = await makeWorld({ partitions: 2, env: { MAX_STATEMENT_BYTES: String(limit) } })
  const stop = await pour(world)
  const { counts } = await world.complete('page_viewed')
  const letters = (await deadLettersOf(world)).length
  await bomb(world)
  expect((await world.complete('page_viewed')).counts.rows).toBe(counts.rows + 2)
  const after = await deadLettersOf(world)
  expect(after.length).toBe(letters + 1)
  expect(after.filter(({ value }) => value?.toString().startsWith('{"more":"000'))).toMatchObject([{ code: 'too_large' }])
  await stop()

  const target = await verifyDeepTarget(world.services)
  const { problems, deep } = await verifyDeep(target, { bucket: null, prefix: '' }, () => undefined).finally(() => target.close())
  expect(problems).toEqual([])
  expect(deep.deadLetters).toBeGreaterThan(1000)
})
