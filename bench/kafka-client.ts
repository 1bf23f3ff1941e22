/**
 * Our Kafka client against kafkajs's own, in one run on one broker: µs of this process's CPU and of wall time per record.
 *
 * node dist/bench/kafka-client.js [--records 100000]
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import kafkajs from 'kafkajs'
import { sampleObjects } from '../demo/sample-history.js'
import { kafkaLog } from '../runtime/kafka/kafka-log.js'
import type { OutRecord } from '../runtime/log.js'
import { packageRoot } from '../runtime/package-root.js'
import { startStack, stopStack } from '../stack/stack.js'

const { values: options } = parseArgs({ options: { records: { type: 'string', default: '100000' } } })
const root = packageRoot()
const dataDir = join(root, '.tributary', 'bench-client')
const partitions = 4
const perSend = 2000

/** Statements as backfill would send them. */
function statements(count: number): OutRecord[] {
  const records: OutRecord[] = []
  const received = new Date(0).toISOString()
  for (const { key, body } of sampleObjects({ statements: count, gzipEvery: 0 }))
    for (const [i, line] of body.toString('latin1').split('\n').entries())
      if (line !== '' && records.length < count)
        records.push({
          key: Buffer.from(`145|host|${i % 500}`),
          value: Buffer.from(line, 'latin1'),
          headers: [
            ['source', `s3://bucket/${key}#${i + 1}`],
            ['received', received],
          ],
        })
  return records
}

interface Measured {
  readonly name: string
  readonly cpuMicros: number
  readonly wallMicros: number
}

async function measure(name: string, records: number, work: () => Promise<void>): Promise<Measured> {
  const cpu = process.cpuUsage()
  const began = performance.now()
  await work()
  const used = process.cpuUsage(cpu)
  const per = (micros: number) => Number((micros / records).toFixed(2))
  return { name, cpuMicros: per(used.user + used.system), wallMicros: per((performance.now() - began) * 1000) }
}

const stack = await startStack({
  root,
  dataDir,
  env: process.env,
  only: ['kafka'],
  fresh: true,
  events: { step: text => process.stderr.write(`${text}\n`) },
})
const records = statements(Number(options.records))
const chunks = Array.from({ length: Math.ceil(records.length / perSend) }, (_, i) => records.slice(i * perSend, (i + 1) * perSend))
/** One send: a chunk, spread over the partitions. */
const batchesOf = (topic: string, chunk: readonly OutRecord[]) =>
  Array.from({ length: partitions }, (_, partition) => ({
    topic,
    partition,
    records: chunk.filter((_, i) => i % partitions === partition),
  }))

const results: Measured[] = []
const admin = kafkaLog({ brokers: stack.brokers, clientId: 'bench' })
const topicOf = async (name: string) => {
  await admin.createTopics([{ name, partitions, replication: 1, config: { 'max.message.bytes': '5242880' } }])
  return name
}

async function ours(codec: 'none' | 'lz4'): Promise<void> {
  const topic = await topicOf(`ours-${codec}`)
  const log = kafkaLog({ brokers: stack.brokers, clientId: 'bench', compression: codec })
  const writer = await log.writer()
  const send = async () => {
    for (const chunk of chunks) await writer.send(batchesOf(topic, chunk))
  }
  await send()
  results.push(await measure(`produce, ours, ${codec}, idempotent`, records.length, send))
  const tx = await log.claim(`bench-${codec}`)
  results.push(
    await measure(`produce, ours, ${codec}, a transaction per send`, records.length, async () => {
      for (const chunk of chunks) {
        await tx.send(batchesOf(topic, chunk))
        await tx.commit()
      }
    }),
  )
  const reader = log.reader()
  const total = records.length * 3
  results.push(
    await measure(`fetch, ours, ${codec}, committed, CRC checked`, total, async () => {
      const next = Array.from({ length: partitions }, () => 0)
      let seen = 0
      while (seen < total) {
        const positions = next.map((offset, partition) => ({ topic, partition, offset }))
        const fetched = await reader.fetch(positions, { maxWaitMs: 100, maxBytes: 4 << 20, maxBytesPerPartition: 1 << 20 })
        for (const f of fetched) {
          for (const record of f.records) seen += record.value === null ? 0 : 1
          next[f.partition] = f.next
        }
      }
    }),
  )
  await log.close()
}

async function theirs(): Promise<void> {
  const topic = await topicOf('theirs')
  const kafka = new kafkajs.Kafka({ brokers: stack.brokers, clientId: 'bench', logLevel: kafkajs.logLevel.NOTHING })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const messages = chunks.map(chunk =>
    chunk.map((record, i) => ({
      key: record.key,
      value: record.value,
      headers: Object.fromEntries(record.headers!.map(([name, value]) => [name, value])),
      partition: i % partitions,
    })),
  )
  const send = async () => {
    for (const chunk of messages) await producer.send({ topic, acks: -1, messages: chunk })
  }
  await send()
  results.push(await measure('produce, kafkajs, none, idempotent', records.length, send))
  await producer.disconnect()
  const consumer = kafka.consumer({ groupId: 'bench', maxBytesPerPartition: 1 << 20, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const total = records.length * 2
  results.push(
    await measure('fetch, kafkajs, none, committed, no CRC check', total, async () => {
      let seen = 0
      await new Promise<void>((resolve, reject) => {
        consumer
          .run({
            autoCommit: false,
            eachBatch: async ({ batch }) => {
              for (const message of batch.messages) seen += message.value === null ? 0 : 1
              if (seen >= total) resolve()
            },
          })
          .catch(reject)
      })
    }),
  )
  await consumer.disconnect()
}

/** CPU and wall time of one in multiples of the other's. */
function ratio(one: string, other: string) {
  const [a, b] = [one, other].map(name => results.find(result => result.name === name)!) as [Measured, Measured]
  const of = (x: number, y: number) => Number((x / y).toFixed(2))
  return { cpu: of(a.cpuMicros, b.cpuMicros), wall: of(a.wallMicros, b.wallMicros) }
}

try {
  await ours('none')
  await ours('lz4')
  await theirs()
  const result = {
    bench: 'kafka-client',
    at: new Date().toISOString(),
    records: records.length,
    bytesEach: Math.round(records.reduce((sum, record) => sum + record.value!.length, 0) / records.length),
    partitions,
    results,
    ratios: {
      'produce, kafkajs to ours': ratio('produce, kafkajs, none, idempotent', 'produce, ours, none, idempotent'),
      'fetch, kafkajs to ours': ratio('fetch, kafkajs, none, committed, no CRC check', 'fetch, ours, none, committed, CRC checked'),
      'a transaction per send to none': ratio('produce, ours, lz4, a transaction per send', 'produce, ours, lz4, idempotent'),
    },
    versions: { kafka: '4.3.1', kafkajs: '2.2.4' },
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version },
  }
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  const folder = join(root, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `kafka-client-${result.at.slice(0, 16).replace(':', '')}.json`), `${JSON.stringify(result, null, 2)}\n`)
} finally {
  await admin.close()
  await stopStack(dataDir)
  rmSync(dataDir, { recursive: true, force: true })
}
