import { decodeRouteSeen, type RouteSeen } from '../../schemas/route-seen.js'
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
  const last = await lastOfSeen(log, reader, naming, partitions, ({ position }) => position)
  return last.map(position => position ?? 0)
}

/** What the last `route-seen` record of each partition says; undefined where there is none. */
export async function lastOfSeen<T>(
  log: Log,
  reader: LogReader,
  naming: Naming,
  partitions: number,
  read: (seen: RouteSeen) => T,
): Promise<readonly (T | undefined)[]> {
  const topic = topicName('route-seen', naming)
  const marks = await log.watermarks(topic, [...Array(partitions).keys()])
  const lastIn = (partition: number) =>
    lastRecord(reader, topic, partition, marks.get(partition)!, record => read(decodeRouteSeen(record.value!)))
  return Promise.all(Array.from({ length: partitions }, (_, partition) => lastIn(partition)))
}
