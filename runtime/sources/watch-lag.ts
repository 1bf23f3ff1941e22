import { type LiveProgress, parseDatasetFilesKey } from '../../schemas/dataset-files.js'
import { topicName } from '../../schemas/topics.js'
import { describe } from '../logger.js'
import { readRoutePositions } from '../route/route-positions.js'
import type { Services } from '../services.js'
import { makeTail } from '../tail.js'
import type { LagGate } from './lag-gate.js'
import { sinkLateness } from './sink-lateness.js'

const everyMs = 500
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

/** Tells the gate where route and the sinks stand, while it is asked and until the signal. Trouble with looking only means that it knows less. */
export async function watchLag({ log, naming, config, clock, logger }: Services, gate: LagGate, signal: AbortSignal): Promise<void> {
  const topic = topicName('xapi', naming)
  const partitions = [...Array(config.partitions).keys()]
  const reader = log.reader()
  const late = sinkLateness()
  const files = makeTail(log, [
    {
      topic: topicName('dataset-files', naming),
      partitions: config.partitions,
      onRecord({ key, value, timestamp }, partition) {
        if (value === null || parseDatasetFilesKey(key!.toString()).kind !== 'live') return
        const { xapi, received } = JSON.parse(value.toString()) as LiveProgress
        // Both are the broker's times; none as long as nothing is covered.
        if (received > 0) late.covered(partition, xapi, timestamp - received, clock.monotonic())
      },
    },
  ])
  try {
    for (let looked = false; !signal.aborted; await clock.sleep(everyMs, signal)) {
      // While nothing is read nobody needs to know.
      if (!gate.inUse) {
        looked = false
        continue
      }
      try {
        await files.catchUp()
        // What was written while nobody looked is about another time.
        if (!looked) late.forget()
        looked = true
        const positions = sum(await readRoutePositions(log, reader, naming, config.partitions))
        const marks = await log.watermarks(topic, partitions)
        const ends = partitions.map(partition => marks.get(partition)!.high)
        const now = clock.monotonic()
        gate.sample({ at: now, positions, ends: sum(ends), lateMs: late.worst(ends, now) })
      } catch (error) {
        logger.debug({}, `looking at the lag: ${describe(error)}`)
      }
    }
  } finally {
    await reader.close()
    await files.close()
  }
}
