import { setTimeout as delay } from 'node:timers/promises'
import type { Services } from '../runtime/services.js'
import { learnerKey } from '../schemas/learner-key.js'
import { partitionOf } from '../schemas/partition.js'
import { topicName } from '../schemas/topics.js'
import { manifestOf } from './demo-datasets.js'
import { liveStatement } from './live-statement.js'

export interface LiveEvent {
  /** What the learner wrote: it is found again in a row. */
  readonly input: string
  readonly seconds: number
}

const pollMs = 50
const learner = { host: 'proton.example.org', learner: 4_200, section: 145 }

/**
 * A learner answers now, and a producer that knows nothing of Tributary sends it: without a key, to the wrong partition.
 * Resolves when the row is in the manifest.
 */
export async function sendLive(services: Services, dataset: string, signal: AbortSignal): Promise<LiveEvent> {
  const { log, clock, config, naming } = services
  const before = (await manifestOf(services, dataset)).counts.rows
  const right = partitionOf(Buffer.from(learnerKey(String(learner.section), learner.host, String(learner.learner))), config.partitions)
  const writer = await log.writer()
  try {
    const at = clock.now()
    const input = `live at ${new Date(at).toISOString()}`
    const partition = (right + 1) % config.partitions
    const records = [{ key: null, value: liveStatement({ at, input, ...learner }) }]
    await writer.send([{ topic: topicName('xapi', naming), partition, records }])
    while ((await manifestOf(services, dataset)).counts.rows === before) await delay(pollMs, undefined, { signal })
    return { input, seconds: (clock.now() - at) / 1000 }
  } finally {
    await writer.close()
  }
}
