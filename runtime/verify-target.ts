import { TributaryError } from '../schemas/errors.js'
import { headers } from '../schemas/headers.js'
import { eventTopicIds, type Naming, topicName } from '../schemas/topics.js'
import type { ListedEvent } from '../verify/check-events.js'
import type { DeepTarget } from '../verify/deep/deep-target.js'
import type { VerifyTarget } from '../verify/verify.js'
import { datasetObjects } from './datasets/dataset-objects.js'
import { isMarker } from './is-marker.js'
import { ClusterMap } from './kafka/cluster-map.js'
import { Connections } from './kafka/connections.js'
import { kafkajsClient } from './kafka/kafkajs-internals.js'
import { headerText, type Log } from './log.js'
import { openTables } from './publish/tables.js'
import { readPartition } from './read-partition.js'
import { walkRange } from './read-range.js'
import { openCodec } from './registry/codec.js'
import { pseudonymKeyAtHand, type Services } from './services.js'
import { requireTopics } from './topics-admin.js'

/** The checker's readers over the opened services. */
export async function verifyTarget(services: Services): Promise<VerifyTarget & { close(): Promise<void> }> {
  await requireTopics(services)
  const tables = openTables(services, await openCodec(services.registry, services.naming))
  await tables.tail.catchUp()
  const { log, naming, config } = services
  const bucket = datasetObjects(services)
  const xapi = topicName('xapi', naming)
  const xapiId = (await log.describeTopics([xapi])).get(xapi)?.id ?? ''
  const reader = log.reader()
  return {
    ledgers: async () => [...tables.ledgers.values()].filter(ledger => ledger.position !== null),
    partitions: config.partitions,
    events: partition => listedEvents(log, naming, partition),
    datasets: async () => [...tables.specs.specs.keys()].sort(),
    async folders() {
      const found: string[] = []
      for await (const entry of bucket.browse('')) if ('folder' in entry) found.push(entry.folder.slice(0, -1))
      return found.sort()
    },
    objects: (prefix, after) => bucket.list(prefix, after),
    object: bucket.get,
    pause: () => services.clock.sleep(250),
    times: {
      xapiId,
      async firstAt(partition, offset) {
        const { stable } = (await log.watermarks(xapi, [partition])).get(partition)!
        for await (const { records } of walkRange(reader, { topic: xapi, partition, from: offset, to: stable }))
          if (records[0] !== undefined) return records[0].timestamp
        return null
      },
      async filesAt() {
        await tables.tail.catchUp()
        return tables.filesAt
      },
    },
    async sources(onRecord) {
      for (let partition = 0; partition < config.partitions; partition++)
        await readPartition(log, topicName('sources', naming), partition, ({ key, value }) =>
          onRecord(key!.toString(), value === null ? null : value.toString()),
        )
    },
    async close() {
      await Promise.all([tables.tail.close(), reader.close()])
    },
  }
}

async function* listedEvents(log: Log, naming: Naming, partition: number): AsyncGenerator<readonly ListedEvent[]> {
  const reader = log.reader()
  try {
    for (const id of eventTopicIds) {
      const topic = topicName(id, naming)
      const { low, stable } = (await log.watermarks(topic, [partition])).get(partition)!
      for await (const { records } of walkRange(reader, { topic, partition, from: low, to: stable }))
        yield records
          .filter(record => !isMarker(record))
          .map(record => ({ place: `${topic}/${partition}/${record.offset}`, id: headerText(record, headers.id) ?? '' }))
    }
  } finally {
    await reader.close()
  }
}

/** What the deep checker is lent: connections of its own, over which only its own questions go, and bytes of objects. */
export async function verifyDeepTarget(services: Services): Promise<DeepTarget & { close(): Promise<void> }> {
  await requireTopics(services)
  const { addresses, config, naming, log, store, registry } = services
  const xapi = topicName('xapi', naming)
  const files = topicName('dataset-files', naming)
  const topics = await log.describeTopics([xapi, files])
  const connections = new Connections(
    kafkajsClient({
      brokers: addresses.brokers,
      clientId: 'tributary-verify',
      ...(config.kafkaSsl ? { ssl: true } : {}),
      ...(config.kafkaUser ? { sasl: { mechanism: 'scram-sha-512', username: config.kafkaUser, password: config.kafkaPassword } } : {}),
    }),
  )
  const map = new ClusterMap(connections)
  return {
    wire: {
      async ask(name, partition, { body, ...request }) {
        const leader = await map.leaderOf(name, partition)
        if (leader === undefined) throw new TributaryError('KAFKA_UNREACHABLE', `checking ${name}/${partition}: it has no leader`)
        return connections.send(leader, {
          ...request,
          flexible: false,
          encode: out => void out.raw(body),
          decode: ({ buffer, offset }) => buffer.subarray(offset),
        })
      },
    },
    naming,
    partitions: config.partitions,
    xapiId: topics.get(xapi)?.id ?? '',
    filesId: topics.get(files)?.id ?? '',
    maxStatementBytes: config.maxStatementBytes,
    pseudonymKey: pseudonymKeyAtHand(config),
    schema: id => registry.schema(id),
    object: datasetObjects(services).get,
    source: (bucket, key, etag) => store.stream(bucket, key, etag, 0),
    close: () => connections.close(),
  }
}
