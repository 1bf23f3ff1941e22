import { createHash } from 'node:crypto'
import { Kafka, logLevel, type Message, Partitioners } from 'kafkajs'
import { readManifest } from '../../runtime/datasets/read.js'
import type { ManifestFile } from '../../schemas/manifest.js'
import { type TopicId, topicName } from '../../schemas/topics.js'
import { manifestKey, manifestVersionKey } from '../../sinks/naming.js'
import type { World } from '../driver/world.js'

const kafkaOf = (world: World) => new Kafka({ brokers: [...world.services.addresses.brokers], logLevel: logLevel.NOTHING })

/** A foreign producer, straight into any topic. */
export async function produceTo(world: World, topic: TopicId, message: Message): Promise<void> {
  const producer = kafkaOf(world).producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic: topicName(topic, world.services.naming), messages: [message] })
  await producer.disconnect()
}

/** The log of a partition then begins at `offset`. */
export async function deleteBelow(world: World, topic: TopicId, partition: number, offset: number): Promise<void> {
  const admin = kafkaOf(world).admin()
  await admin.connect()
  try {
    const name = topicName(topic, world.services.naming)
    // kafkajs deletes only from topics that it has asked about before.
    await admin.fetchTopicOffsets(name)
    await admin.deleteTopicRecords({ topic: name, partitions: [{ partition, offset: String(offset) }] })
  } finally {
    await admin.disconnect()
  }
}

/** Changes the body of a dataset's first file, and its manifest so that every hash and count fits. */
export async function rewriteFirstFile(world: World, dataset: string, rows: number, change: (body: string) => string): Promise<void> {
  const { store, config } = world.services
  const put = (key: string, body: string) => store.put(config.datasetsBucket, key, Buffer.from(body), 'text/plain')
  const manifest = (await readManifest(world.services, dataset))!
  const [first, ...others] = manifest.files as [ManifestFile, ...ManifestFile[]]
  const body = change((await store.get(config.datasetsBucket, first.key))!.toString())
  const sha256 = createHash('sha256').update(body).digest('hex')
  const file = { ...first, rows: first.rows + rows, bytes: Buffer.byteLength(body), sha256 }
  const counts = { ...manifest.counts, rows: manifest.counts.rows + rows }
  const json = JSON.stringify({ ...manifest, files: [file, ...others], counts })
  await put(first.key, body)
  await put(manifestKey(dataset), json)
  await put(manifestVersionKey(dataset, manifest.version), json)
}
