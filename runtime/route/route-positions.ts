import { decodeRouteSeen } from '../../schemas/route-seen.js'
import { type Naming, topicName } from '../../schemas/topics.js'
import { lastRecord } from '../last-record.js'
import type { Log, LogReader } from '../log.js'

/** Route's committed position per partition, looked up once. */
export async function routePositions(log: Log, naming: Naming, partitions: number): Promise<readonly number[]> {
  const reader = log.reader()
  try {
    return await readRoutePositions(log, reader, naming, partitions)
  } finally {
    await reader.close()
  }
}

/** From the last record of each `route-seen` partition. */
export async function readRoutePositions(log: Log, reader: LogReader, naming: Naming, partitions: number): Promise<readonly number[]> {
  const topic = topicName('route-seen', naming)
  const marks = await log.watermarks(topic, [...Array(partitions).keys()])
  const positionOf = (partition: number) =>
    lastRecord(reader, topic, partition, marks.get(partition)!, record => decodeRouteSeen(record.value!).position)
  return Promise.all(Array.from({ length: partitions }, async (_, p) => (await positionOf(p)) ?? 0))
}
