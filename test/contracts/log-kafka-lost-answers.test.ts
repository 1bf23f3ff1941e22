import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { ClusterMap } from '../../runtime/kafka/cluster-map.js'
import { ConnectionLost, Connections } from '../../runtime/kafka/connections.js'
import { IdempotentWriter } from '../../runtime/kafka/idempotent-writer.js'
import { kafkaLog } from '../../runtime/kafka/kafka-log.js'
import { type Destination, type KafkajsBroker, kafkajsClient } from '../../runtime/kafka/kafkajs-internals.js'
import { KafkaTransactionalWriter } from '../../runtime/kafka/transactional-writer.js'
import type { WireRequest } from '../../runtime/kafka/wire-request.js'
import type { Log, LogRecord } from '../../runtime/log.js'

const brokers = process.env.TRIBUTARY_TEST_BROKERS?.split(',')

/** Loses answers after the broker did the work, or requests before: what `lose` says of each request by its name. */
class Lossy extends Connections {
  lose: (name: string) => 'request' | 'answer' | undefined = () => undefined
  /** Connections that were lost besides. */
  lost = 0

  override get losses(): number {
    return super.losses + this.lost
  }

  override async send<Answer>(to: Destination | undefined, request: WireRequest<Answer>): Promise<Answer> {
    const what = this.lose(request.name)
    if (what === 'request') throw new ConnectionLost(`lost ${request.name}`)
    const answer = await super.send(to, request)
    if (what === 'answer') throw new ConnectionLost(`lost the answer to ${request.name}`)
    return answer
  }
}

/** Loses the first of every two, in turn the request and the answer. */
function everySecond(wanted: string): Lossy['lose'] {
  let count = 0
  return name => {
    if (name !== wanted || count++ % 2 === 1) return undefined
    return count % 4 === 1 ? 'answer' : 'request'
  }
}

describe('lost requests and answers', () => {
  let log: Log
  let topic: string
  let lossy: Lossy
  /** The network between us and the brokers is cut. */
  let breakLines: () => void
  let settings: ConstructorParameters<typeof Object>[0] & Parameters<typeof IdempotentWriter.open>[0]

  beforeAll(() => {
    if (brokers === undefined) throw new Error('TRIBUTARY_TEST_BROKERS is not set: run the contract tests by `npm run test:contract`')
    log = kafkaLog({ brokers, clientId: 'lossy' })
  })
  beforeEach(async () => {
    topic = `contract-${randomUUID()}`
    await log.createTopics([{ name: topic, partitions: 2, replication: 1, config: {} }])
    const client = kafkajsClient({ brokers: brokers!, clientId: 'lossy' })
    const made: KafkajsBroker[] = []
    lossy = new Lossy({
      ...client,
      async makeBroker(to) {
        const broker = await client.makeBroker(to)
        made.push(broker)
        return broker
      },
    })
    breakLines = () => {
      for (const { connectionPool } of made)
        for (const line of connectionPool.pool as unknown as { socket?: Socket }[]) line.socket?.destroy(new Error('the line is cut'))
    }
    settings = { map: new ClusterMap(lossy), connections: lossy, codec: 'lz4', maxBatchBytes: 1_000 }
  })
  afterEach(async () => {
    await lossy.close()
    await log.deleteTopics([topic])
  })
  afterAll(() => log.close())

  const records = (...values: string[]) => values.map(value => ({ key: null, value: Buffer.from(value) }))

  async function read(partition = 0): Promise<string[]> {
    const reader = log.reader()
    const all: LogRecord[] = []
    for (let offset = 0; ; ) {
      const [fetched] = await reader.fetch([{ topic, partition, offset }], {
        maxWaitMs: 50,
        maxBytes: 1_000_000,
        maxBytesPerPartition: 1_000_000,
      })
      all.push(...fetched!.records)
      offset = fetched!.next
      if (offset === fetched!.high) break
    }
    await reader.close()
    return all.map(record => record.value!.toString())
  }

  test('an idempotent writer repeats with the same numbers: nothing twice, nothing lost, offsets right', async () => {
    const writer = await IdempotentWriter.open(settings)
    lossy.lose = everySecond('Produce')
    const wanted: string[] = []
    for (let i = 0; i < 20; i++) {
      const values = Array.from({ length: 8 }, (_, k) => `${i}-${k}-${'x'.repeat(200)}`)
      const [appended] = await writer.send([{ topic, partition: 0, records: records(...values) }])
      expect(appended).toMatchObject({ first: wanted.length, last: wanted.length + 7 })
      wanted.push(...values)
    }
    expect(await read()).toEqual(wanted)
  })

  test('a transactional writer repeats sends and commits: each transaction is there once, whole', async () => {
    const writer = await KafkaTransactionalWriter.claim(`contract-${randomUUID()}`, settings, 15_000)
    const lose = [everySecond('Produce'), everySecond('EndTxn')]
    lossy.lose = name => lose[0]!(name) ?? lose[1]!(name)
    const wanted: string[] = []
    for (let i = 0; i < 12; i++) {
      await writer.send([0, 1].map(partition => ({ topic, partition, records: records(`${i}-a`, `${i}-b`) })))
      if (i % 3 === 2) await writer.abort()
      else {
        await writer.commit()
        wanted.push(`${i}-a`, `${i}-b`)
      }
    }
    expect(await read(0)).toEqual(wanted)
    expect(await read(1)).toEqual(wanted)
  })

  test('after a lost connection, and only then, the leaders are asked whether they left something open', async () => {
    let asked = 0
    lossy.lose = name => {
      if (name === 'DescribeProducers') asked++
      return undefined
    }
    const writer = await KafkaTransactionalWriter.claim(`contract-${randomUUID()}`, settings, 15_000)
    expect(await writer.settle([{ topic, partition: 0 }])).toEqual([])
    const write = async (value: string) => {
      await writer.send([{ topic, partition: 0, records: records(value) }])
      await writer.commit()
      return asked
    }
    // More than once where the leader of the new topic does not answer yet.
    const settled = asked
    expect(settled).toBeGreaterThan(0)
    expect([await write('a'), await write('b')]).toEqual([settled, settled])
    breakLines()
    // Twice where the markers of `b` were still on their way.
    const looks = await write('c')
    expect(looks).toBeGreaterThan(settled)
    expect(await write('d')).toBe(looks)
    expect(await read()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('a transaction whose markers are on their way is not taken for left open', async () => {
    const topics = Array.from({ length: 5 }, () => `contract-${randomUUID()}`)
    await log.createTopics(topics.map(name => ({ name, partitions: 1, replication: 1, config: {} })))
    const writer = await KafkaTransactionalWriter.claim(`contract-${randomUUID()}`, { ...settings, maxBatchBytes: 900_000 }, 15_000)
    expect(await writer.settle(topics.map(name => ({ topic: name, partition: 0 })))).toEqual([])
    const batches = topics.map(name => ({ topic: name, partition: 0, records: records(...Array<string>(50).fill('x'.repeat(500))) }))
    for (let round = 0; round < 100; round++) {
      lossy.lost++
      await writer.send(batches)
      await writer.commit()
    }
    await log.deleteTopics(topics)
  })

  test('a commit whose answer never came is told by an error, and recover is granted: what counts is what can be read', async () => {
    const writer = await KafkaTransactionalWriter.claim(`contract-${randomUUID()}`, settings, 15_000)
    await writer.send([{ topic, partition: 0, records: records('committed') }])
    // Not a lost connection, so it is not repeated: as when the process is told to stop in between.
    const send = lossy.send.bind(lossy)
    lossy.send = async (to, request) => {
      const answer = await send(to, request)
      if (request.name === 'EndTxn') throw new Error('the answer is gone')
      return answer
    }
    await expect(writer.commit()).rejects.toThrow('the answer is gone')
    lossy.send = send
    await writer.recover()
    expect(await read()).toEqual(['committed'])
    await writer.send([{ topic, partition: 0, records: records('next') }])
    await writer.commit()
    expect(await read()).toEqual(['committed', 'next'])
  })
})
