/**
 * Every ended transaction raises the producer's epoch, and 32,766 is the last that is given out: at a commit a second the coordinator grants
 * another producer id after nine hours. Nothing may get lost then, nor twice, nor stay open.
 */
import { randomUUID } from 'node:crypto'
import { ClusterMap } from '../../runtime/kafka/cluster-map.js'
import { Connections } from '../../runtime/kafka/connections.js'
import { Coordinator } from '../../runtime/kafka/coordinator.js'
import { kafkaLog } from '../../runtime/kafka/kafka-log.js'
import { kafkajsClient } from '../../runtime/kafka/kafkajs-internals.js'
import { endTxnRequest, initProducerIdRequest } from '../../runtime/kafka/transaction-requests.js'
import { KafkaTransactionalWriter } from '../../runtime/kafka/transactional-writer.js'
import type { Log } from '../../runtime/log.js'
import { readRange } from '../../runtime/read-range.js'
import { isTributaryError } from '../../schemas/errors.js'

const brokers = process.env.TRIBUTARY_TEST_BROKERS?.split(',')
const lastEpoch = 32_766
const timeoutMs = 15_000

let log: Log
let control: Connections
let producing: Connections
let map: ClusterMap
/** Transactional ids that have few epochs left. */
let worn: readonly string[]

beforeAll(async () => {
  if (brokers === undefined) throw new Error('TRIBUTARY_TEST_BROKERS is not set: run the contract tests by `npm run test:contract`')
  log = kafkaLog({ brokers, clientId: 'overflow' })
  const client = kafkajsClient({ brokers, clientId: 'overflow' })
  control = new Connections(client)
  producing = new Connections(client)
  map = new ClusterMap(control)
  worn = [`contract-${randomUUID()}`, `contract-${randomUUID()}`]
  // Each with a connection of its own: a broker serves one request per connection at a time.
  await Promise.all(worn.map(id => wearOut(id, new Connections(client))))
})
afterAll(async () => {
  await Promise.all([producing.close(), control.close(), log.close()])
})

/** To 16 epochs before the last. Asking for the id by its own numbers raises the epoch by one. */
async function wearOut(id: string, connections: Connections): Promise<void> {
  const coordinator = new Coordinator(map, connections, 'transaction', id)
  let own = await coordinator.insist(initProducerIdRequest(id, timeoutMs), 60_000)
  while (own.error === 0 && own.epoch < lastEpoch - 16) own = await coordinator.insist(initProducerIdRequest(id, timeoutMs, own), 60_000)
  await connections.close()
  expect(own.error).toBe(0)
}

async function writerTo(id: string) {
  const topics = [`${id}.a`, `${id}.b`]
  await log.createTopics(topics.map(name => ({ name, partitions: 1, replication: 1, config: {} })))
  const places = topics.map(topic => ({ topic, partition: 0 }))
  const settings = { map, connections: producing, codec: 'none', maxBatchBytes: 900_000 } as const
  const claim = async () => {
    const claimed = await KafkaTransactionalWriter.claim(id, settings, timeoutMs)
    expect(await claimed.settle(places)).toEqual([])
    return claimed
  }
  const to = (value: string) => places.map(place => ({ ...place, records: [{ key: null, value: Buffer.from(value) }] }))
  return { writer: await claim(), claim, to, topics, places }
}

/** Everything that is committed, once nothing is open any more. */
async function valuesOf(topic: string): Promise<string[]> {
  for (;;) {
    const { stable, high } = (await log.watermarks(topic, [0])).get(0)!
    if (stable < high) continue
    const values: string[] = []
    const reader = log.reader()
    await readRange(reader, { topic, partition: 0, from: 0, to: stable }, records => {
      for (const { value } of records) values.push(value!.toString())
    })
    await reader.close()
    return values
  }
}

test('a writer goes on under another producer id: each transaction is there once', async () => {
  const { writer, to, topics } = await writerTo(worn[0]!)
  const before = writer.producerId
  const wanted: string[] = []
  for (let n = 0; n < 40; n++) {
    await writer.send(to(`${n}`))
    if (n % 4 === 3) await writer.abort()
    else {
      await writer.commit()
      wanted.push(`${n}`)
    }
  }
  expect(writer.producerId).not.toBe(before)
  expect(writer.epoch).toBeLessThan(40)
  for (const topic of topics) expect(await valuesOf(topic)).toEqual(wanted)
})

test('when the answer to the commit is lost that gave the other id: what was committed is there, and who goes on goes on', async () => {
  const { writer, claim, to, topics, places } = await writerTo(worn[1]!)
  const wanted: string[] = []
  for (let n = 0; writer.epoch < lastEpoch; n++) {
    await writer.send(to(`${n}`))
    await writer.commit()
    wanted.push(`${n}`)
  }
  const before = writer.producerId
  await writer.send(to('last'))
  const coordinator = new Coordinator(map, control, 'transaction', worn[1]!)
  const lost = await coordinator.insist(endTxnRequest(worn[1]!, writer.producerId, writer.epoch, true), 30_000)
  expect(lost).toMatchObject({ error: 0, epoch: 0 })
  expect(lost.producerId).not.toBe(before)
  wanted.push('last')
  // Granted or not: never a third outcome.
  const next = await writer.recover().then(
    async () => {
      await writer.settle(places)
      return writer
    },
    error => {
      expect(isTributaryError(error, 'FENCED')).toBe(true)
      return claim()
    },
  )
  for (let n = 0; n < 10; n++) {
    await next.send(to(`after ${n}`))
    await next.commit()
    wanted.push(`after ${n}`)
  }
  for (const topic of topics) expect(await valuesOf(topic)).toEqual(wanted)
})
