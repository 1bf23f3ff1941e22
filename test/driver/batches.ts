import { ClusterMap } from '../../runtime/kafka/cluster-map.js'
import { Connections } from '../../runtime/kafka/connections.js'
import { fetchRequest } from '../../runtime/kafka/fetch-request.js'
import { kafkajsClient } from '../../runtime/kafka/kafkajs-internals.js'
import { type Batch, walkBatches } from '../../runtime/kafka/record-batch-walker.js'
import { type TopicId, topicName } from '../../schemas/topics.js'
import type { World } from './world.js'

const maxBytes = 4 << 20
const limits = { maxWaitMs: 0, maxBytes, maxBytesPerPartition: maxBytes }

/** The batches of a topic as they lie in the log, over all partitions: compaction leaves some with few of their records, or none. */
export async function recordBatchesOf({ services: { addresses, naming, log, config } }: World, id: TopicId): Promise<Batch[]> {
  const topic = topicName(id, naming)
  const connections = new Connections(kafkajsClient({ brokers: addresses.brokers, clientId: 'batches' }))
  const map = new ClusterMap(connections)
  const found: Batch[] = []
  try {
    for (const [partition, { low, stable }] of await log.watermarks(topic, [...Array(config.partitions).keys()]))
      for (let offset = low; offset < stable; ) {
        const leader = await map.leaderOf(topic, partition)
        const { partitions } = await connections.send(leader, fetchRequest([{ topic, partition, offset, maxBytes }], limits))
        const { batches } = walkBatches(partitions[0]!.bytes, topic, partition)
        found.push(...batches)
        offset = batches.at(-1)!.last + 1
      }
  } finally {
    await connections.close()
  }
  return found
}
