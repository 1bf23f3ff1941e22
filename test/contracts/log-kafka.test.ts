import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { kafkaLog } from '../../runtime/kafka/kafka-log.js'
import { logContract } from './log.js'
import { until } from './log-parts/parts.js'

const { ConfigResourceTypes, Kafka } = kafkajs

/** A segment is a row of batches: offset (8 bytes), length (4), and so on. */
function spoil(segment: string, offset: number): void {
  const bytes = readFileSync(segment)
  let at = 0
  while (at < bytes.length && Number(bytes.readBigInt64BE(at)) !== offset) at += 12 + bytes.readInt32BE(at + 8)
  if (at >= bytes.length) throw new Error(`${segment} has no batch that begins at ${offset}`)
  const file = openSync(segment, 'r+')
  writeSync(file, Buffer.from([bytes[at + 65]! ^ 1]), 0, 1, at + 65)
  closeSync(file)
}

logContract('the log on Kafka', async () => {
  const brokers = process.env.TRIBUTARY_TEST_BROKERS?.split(',')
  const folder = process.env.TRIBUTARY_TEST_KAFKA_DATA
  if (brokers === undefined || folder === undefined)
    throw new Error('TRIBUTARY_TEST_BROKERS is not set: run the contract tests by `npm run test:contract`')
  const membership = { heartbeatMs: 100 }
  return {
    log: kafkaLog({ brokers, clientId: 'contract', membership }),
    small: kafkaLog({ brokers, clientId: 'contract-small', transactionTimeoutMs: 1_000, maxBatchBytes: 5_000, compression: 'gzip' }),
    async hinted(group, topic) {
      const admin = new Kafka({ brokers, logLevel: 0 }).admin()
      await admin.connect()
      try {
        const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
        return new Map(found!.partitions.filter(p => Number(p.offset) >= 0).map(p => [p.partition, Number(p.offset)]))
      } finally {
        await admin.disconnect()
      }
    },
    compact: (_topic, done) => until('the cleaner has run', done, undefined, 50),
    damage: async (topic, partition, offset) => spoil(join(folder, `${topic}-${partition}`, '00000000000000000000.log'), offset),
    async alter(topic, config) {
      const admin = new Kafka({ brokers, logLevel: 0 }).admin()
      await admin.connect()
      try {
        const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
        await admin.alterConfigs({ validateOnly: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }] })
      } finally {
        await admin.disconnect()
      }
    },
    // It passes by itself; whoever asks for it waits until the transaction is over.
    expireTransactions: async () => undefined,
  }
})
