import { Kafka, logLevel, type Message, Partitioners, type Producer } from 'kafkajs'
import { scanLearnerKey } from '../../producers/learner-key-scan.js'
import { partitionOf } from '../../schemas/partition.js'
import { topicName } from '../../schemas/topics.js'
import type { World } from './world.js'

/** Anybody's producer: kafkajs as its manual shows it, straight to `xapi`. */
async function foreignProducer(world: World, transactionalId?: string): Promise<Producer> {
  const kafka = new Kafka({ brokers: [...world.services.addresses.brokers], logLevel: logLevel.NOTHING })
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    ...(transactionalId === undefined ? {} : { transactionalId, maxInFlightRequests: 1, idempotent: true }),
  })
  await producer.connect()
  return producer
}

const xapi = (world: World) => topicName('xapi', world.services.naming)

export async function produce(world: World, messages: readonly Message[]): Promise<void> {
  const producer = await foreignProducer(world)
  await producer.send({ topic: xapi(world), messages: [...messages] })
  await producer.disconnect()
}

/** One transaction that is committed, and one that is aborted after its records are in the log. */
export async function produceInTransactions(world: World, committed: readonly Message[], aborted: readonly Message[]): Promise<void> {
  const producer = await foreignProducer(world, `${world.services.naming.prefix}foreign`)
  const send = async (messages: readonly Message[], end: 'commit' | 'abort') => {
    const transaction = await producer.transaction()
    await transaction.send({ topic: xapi(world), messages: [...messages] })
    await transaction[end]()
  }
  await send(aborted, 'abort')
  await send(committed, 'commit')
  await producer.disconnect()
}

/** Where a statement belongs. */
export const homeOf = (world: World, text: string) =>
  partitionOf(Buffer.from(scanLearnerKey(Buffer.from(text))!), world.services.config.partitions)
