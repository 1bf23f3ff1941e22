import { topicName } from '../../schemas/topics.js'
import { describe } from '../logger.js'
import { readRoutePositions } from '../route/route-positions.js'
import type { Services } from '../services.js'
import type { LagGate } from './lag-gate.js'

const everyMs = 500
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

/** Tells the gate where route stands, until the signal. Trouble with looking only means that the gate knows less. */
export async function watchLag({ log, naming, config, clock, logger }: Services, gate: LagGate, signal: AbortSignal): Promise<void> {
  const topic = topicName('xapi', naming)
  const partitions = [...Array(config.partitions).keys()]
  const reader = log.reader()
  try {
    while (!signal.aborted) {
      try {
        const positions = sum(await readRoutePositions(log, reader, naming, config.partitions))
        const ends = sum([...(await log.watermarks(topic, partitions)).values()].map(mark => mark.high))
        gate.sample({ at: clock.now(), positions, ends })
      } catch (error) {
        logger.debug({}, `looking at route's lag: ${describe(error)}`)
      }
      await clock.sleep(everyMs, signal)
    }
  } finally {
    await reader.close()
  }
}
