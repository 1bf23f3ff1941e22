import { topicName } from '../../schemas/topics.js'
import type { Services } from '../services.js'
import { makeSpecTable, type SpecTable } from '../spec-table.js'
import { makeTail } from '../tail.js'

/** The table of datasets as it is now. */
export async function readSpecs(services: Services): Promise<SpecTable> {
  const specs = makeSpecTable()
  const topic = topicName('datasets', services.naming)
  const tail = makeTail(services.log, [{ topic, partitions: services.config.partitions, onRecord: specs.onRecord }])
  try {
    await tail.catchUp()
    return specs
  } finally {
    await tail.close()
  }
}
