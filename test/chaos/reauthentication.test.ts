/**
 * A broker with `connections.max.reauth.ms` wants the password again on connections that are in use. Nobody may get the answer to another's
 * question meanwhile, and no connection may be lost for it.
 */
import { randomUUID } from 'node:crypto'
import { ClusterMap } from '../../runtime/kafka/cluster-map.js'
import { Connections } from '../../runtime/kafka/connections.js'
import { IdempotentWriter } from '../../runtime/kafka/idempotent-writer.js'
import { kafkaLog } from '../../runtime/kafka/kafka-log.js'
import { KafkaReader } from '../../runtime/kafka/kafka-reader.js'
import { type KafkajsBroker, kafkajsClient } from '../../runtime/kafka/kafkajs-internals.js'
import { watermarksOf } from '../../runtime/kafka/watermarks.js'
import { type SaslBroker, saslBroker } from '../driver/sasl-broker.js'

/** kafkajs does it ten seconds before it must, so every two seconds here. */
const reauthMs = 12_000
const times = 4
const partitions = 12
const limits = { maxBytes: 1 << 20, maxBytesPerPartition: 1 << 20 }

let broker: SaslBroker
beforeAll(async () => {
  broker = await saslBroker(reauthMs)
})
afterAll(() => broker.close())

test('requests are in flight while a connection is authenticated again', async () => {
  const topic = `reauth-${randomUUID()}`
  const { brokers, sasl } = broker
  const log = kafkaLog({ brokers: [...brokers], clientId: 'reauth', sasl })
  await log.createTopics([{ name: topic, partitions, replication: 1, config: {} }])
  const client = kafkajsClient({ brokers, clientId: 'reauth', sasl })
  const made: KafkajsBroker[] = []
  const connections = new Connections({
    ...client,
    async makeBroker(to) {
      const broker = await client.makeBroker(to)
      if (to !== undefined) made.push(broker)
      return broker
    },
  })
  const map = new ClusterMap(connections)
  const writer = await IdempotentWriter.open({ map, connections, codec: 'none', maxBatchBytes: 900_000 })
  const losses = connections.losses

  const authenticated = new Set<string>()
  const look = () => {
    for (const { connectionPool } of made)
      for (const line of connectionPool.pool as unknown as { authenticatedAt: unknown }[])
        if (line.authenticatedAt) authenticated.add(String(line.authenticatedAt))
    return authenticated.size > times
  }
  // Each partition has its own first record and its own number of records, so an answer that belongs to another question is seen.
  const work = async (partition: number) => {
    let count = 0
    let rounds = 0
    const reader = new KafkaReader(map, connections)
    for (let done = false; !done; done = look(), rounds++) {
      const records = Array.from({ length: 1 + (partition % 3) }, () => ({ key: null, value: Buffer.from(`${partition}-${count++}`) }))
      const [appended] = await writer.send([{ topic, partition, records }])
      expect(appended).toEqual({ topic, partition, first: count - records.length, last: count - 1 })
      expect([...(await watermarksOf(map, connections, topic, [partition]))]).toEqual([[partition, { low: 0, stable: count, high: count }]])
      const [fetched] = await reader.fetch([{ topic, partition, offset: count - 1 }], { ...limits, maxWaitMs: rounds % 5 === 0 ? 50 : 0 })
      expect(fetched!.records.map(({ value }) => value!.toString())).toEqual([`${partition}-${count - 1}`])
    }
    return count
  }
  const counts = await Promise.all(Array.from({ length: partitions }, (_, partition) => work(partition)))
  expect(Math.min(...counts)).toBeGreaterThan(times)
  expect(connections.losses).toBe(losses)
  await connections.close()
  await log.close()
})
