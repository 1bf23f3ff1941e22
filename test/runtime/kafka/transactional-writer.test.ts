import { ClusterMap } from '../../../runtime/kafka/cluster-map.js'
import type { ActiveProducer } from '../../../runtime/kafka/open-transaction-requests.js'
import { KafkaTransactionalWriter } from '../../../runtime/kafka/transactional-writer.js'
import { CannedConnections, metadataOf } from './canned-connections.js'

/** The clock stands still for whatever the brokers are asked: `states` of the coordinator and who is `open` come one after another. */
async function writerOver(states: readonly string[], open: readonly (readonly ActiveProducer[])[]) {
  const ended = { error: 0, state: 'Empty', producerId: 7, epoch: 0 }
  const answers = { states: [] as string[], open: [] as (readonly ActiveProducer[])[] }
  const connections = new CannedConnections({
    Metadata: () => metadataOf(1, { t: 1 }),
    FindCoordinator: () => ({ error: 0, node: 1, host: 'b1', port: 9092 }),
    DescribeTransactions: () => ({ ...ended, state: answers.states.shift() ?? 'CompleteCommit' }),
    DescribeProducers: () => [{ topic: 't', partition: 0, error: 0, producers: answers.open.shift() ?? [] }],
    InitProducerId: () => ({ error: 0, producerId: 7, epoch: 5 }),
    Produce: () => [{ topic: 't', partition: 0, error: 0, baseOffset: 0 }],
  })
  let losses = 0
  Object.defineProperty(connections, 'losses', { get: () => losses })
  const settings = { map: new ClusterMap(connections), connections, codec: 'none', maxBatchBytes: 1000 } as const
  const writer = await KafkaTransactionalWriter.claim('w', settings, 1000)
  await writer.settle([{ topic: 't', partition: 0 }])
  answers.states.push(...states)
  answers.open.push(...open)
  losses++
  const send = () => writer.send([{ topic: 't', partition: 0, records: [{ key: null, value: Buffer.from('v') }] }])
  return { writer, send, asked: (name: string) => connections.sent.filter(request => request.name === name).length }
}

const openSince = (firstOffset: number, epoch = 4): ActiveProducer => ({ producerId: 7, epoch, coordinatorEpoch: 1, firstOffset })
const ended: readonly ActiveProducer[] = [openSince(-1, 5)]

test('what waits for its marker while the coordinator ends it is not left open', async () => {
  const { send, asked } = await writerOver(['PrepareCommit', 'PrepareCommit', 'CompleteCommit'], [[openSince(10)], ended])
  await send()
  // One of the claim, then until it is through; and twice the leader, besides the settling.
  expect([asked('DescribeTransactions'), asked('DescribeProducers')]).toEqual([4, 3])
})

test('what is open still when the coordinator is through was left open', async () => {
  const { send } = await writerOver(['PrepareAbort', 'CompleteAbort'], [[openSince(10)], [openSince(10)]])
  await expect(send()).rejects.toMatchObject({ code: 'TRANSACTION_LEFT_OPEN', message: expect.stringContaining('t/0 since offset 10') })
})

test('one that was begun and committed since is another one', async () => {
  const { writer } = await writerOver(['Ongoing'], [[openSince(10)], [openSince(14)]])
  await writer.requireSettled()
})
