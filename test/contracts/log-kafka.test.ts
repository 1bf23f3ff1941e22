import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import { kafkaLog } from '../../runtime/kafka/kafka-log.js'
import { logContract } from './log.js'

const { Kafka } = kafkajs

logContract('the log on Kafka', async () => {
  const brokers = process.env.TRIBUTARY_TEST_BROKERS?.split(',')
  if (brokers === undefined) throw new Error('TRIBUTARY_TEST_BROKERS is not set: run the contract tests by `npm run test:contract`')
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
    async compact(_topic, done) {
      const deadline = Date.now() + 50_000
      while (!(await done())) {
        if (Date.now() > deadline) throw new Error('the cleaner did not run within 50 s')
        await sleep(200)
      }
    },
    async expireTransactions() {
      await sleep(1_000)
    },
  }
})
