import { decodeRouteSeen } from '../../schemas/route-seen.js'
import { type Naming, topicName } from '../../schemas/topics.js'
import type { Log, LogReader } from '../log.js'
import { readRange } from '../read-range.js'

/** Route's committed position per partition, looked up once. */
export async function routePositions(log: Log, naming: Naming, partitions: number): Promise<readonly number[]> {
  const reader = log.reader()
  try {
    return await readRoutePositions(log, reader, naming, partitions)
  } finally {
    await reader.close()
  }
}

/** The last record of each `route-seen` partition, found by stepping back from its end. */
export async function readRoutePositions(log: Log, reader: LogReader, naming: Naming, partitions: number): Promise<readonly number[]> {
  const topic = topicName('route-seen', naming)
  const marks = await log.watermarks(topic, [...Array(partitions).keys()])
  const lastOf = async (partition: number): Promise<number> => {
    const { low, stable } = marks.get(partition)!
    // A transaction leaves its record and a commit marker; aborted ones may lie in between.
    for (let back = 4; ; back *= 4) {
      const from = Math.max(low, stable - back)
      let found = -1
      await readRange(reader, { topic, partition, from, to: stable }, records => {
        for (const record of records) found = decodeRouteSeen(record.value!).position
      })
      if (found >= 0 || from <= low) return Math.max(0, found)
    }
  }
  return Promise.all(Array.from({ length: partitions }, (_, p) => lastOf(p)))
}
