import { ClusterMap } from '../../../runtime/kafka/cluster-map.js'
import { ConnectionLost, Connections } from '../../../runtime/kafka/connections.js'
import { type Destination, kafkajsClient } from '../../../runtime/kafka/kafkajs-internals.js'
import { selfTest } from '../../../runtime/kafka/self-test.js'
import { type WireRequest, wireVersions } from '../../../runtime/kafka/wire-request.js'

const metadata = {
  clusterId: 'c',
  topics: [],
  brokers: [1, 2, 3].map(node => ({ node, host: 'h', port: node })),
}
const versions = (transactionLevel: number) => ({
  error: 0,
  ranges: new Map(Object.values(wireVersions).map(({ api, version }) => [api, { min: 0, max: version }])),
  finalized: new Map([['transaction.version', transactionLevel]]),
})

/** Brokers that answer as they are told, or (null) not at all. */
class Told extends Connections {
  constructor(readonly answers: Readonly<Record<number, unknown>>) {
    super(kafkajsClient({ brokers: ['h:1'], clientId: 'told' }))
  }

  override async send<Answer>(to: Destination | undefined, request: WireRequest<Answer>): Promise<Answer> {
    if (request.name === 'Metadata') return metadata as Answer
    const answer = this.answers[to!.node]
    if (answer === null) throw new ConnectionLost(`broker ${to!.node} is dead`)
    return answer as Answer
  }
}

const test3 = (...answers: unknown[]) => {
  const connections = new Told(Object.fromEntries(answers.map((answer, i) => [i + 1, answer])))
  return selfTest(new ClusterMap(connections), connections)
}

test('a broker that does not answer keeps nobody from starting, as long as another one does', async () => {
  expect(await test3(versions(2), null, versions(2))).toEqual({ clusterId: 'c', brokers: 3 })
  await expect(test3(null, null, null)).rejects.toThrow('broker 1 is dead')
})

test('a broker that answers and lacks what is needed refuses the start, whoever is dead beside it', async () => {
  await expect(test3(null, versions(1), versions(2))).rejects.toMatchObject({
    code: 'KAFKA_UNSUPPORTED',
    message: expect.stringContaining('broker 2 at h:2 has transaction.version 1'),
  })
})
