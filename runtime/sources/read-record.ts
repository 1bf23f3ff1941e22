import { partitionOf } from '../../schemas/partition.js'
import { decodeSourcesRecord, type SourcesRecord } from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import { readPartition } from '../read-partition.js'
import type { Services } from '../services.js'

/** One record of `sources` as it is now, by its key: reads the one partition that may hold it. */
export async function readSourcesRecord(services: Services, key: string): Promise<SourcesRecord | null> {
  const partition = partitionOf(Buffer.from(key), services.config.partitions)
  let found: Buffer | null = null
  await readPartition(services.log, topicName('sources', services.naming), partition, record => {
    // A copy: what was fetched is gone with the next fetch.
    if (record.key?.toString() === key) found = record.value === null ? null : Buffer.from(record.value)
  })
  return found === null ? null : decodeSourcesRecord(key, found)
}
