import { partitionOf } from '../../schemas/partition.js'
import { decodeSourcesRecord, type RunRecord, runKeyOf, runSoFar } from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import { readPartition } from '../read-partition.js'
import type { Services } from '../services.js'

/** One backfill run as `sources` has it now. */
export async function readRun(services: Services, id: string): Promise<RunRecord | null> {
  const key = runKeyOf(id)
  const partition = partitionOf(Buffer.from(key), services.config.partitions)
  let found: RunRecord | null = null
  await readPartition(services.log, topicName('sources', services.naming), partition, record => {
    if (record.key?.toString() !== key || record.value === null) return
    const decoded = decodeSourcesRecord(key, record.value)
    if (decoded.is === 'run') found = runSoFar(found, decoded.run)
  })
  return found
}
