import { scanLearnerKey } from '../../producers/learner-key-scan.js'
import { partitionOf } from '../../schemas/partition.js'
import { topicName } from '../../schemas/topics.js'
import type { World } from './world.js'

export interface Live {
  /** Statements that are acknowledged. */
  readonly sent: number
  /** Sends the rest at once; resolves when everything is acknowledged. */
  finish(): Promise<void>
}

const everyMs = 100

/** Somebody who sends statements straight into `xapi` as they happen, and each again until it is acknowledged. */
export function startLive(world: World, lines: readonly string[], perSecond: number): Live {
  const { services } = world
  const { log, clock } = world.open('live')
  const topic = topicName('xapi', services.naming)
  const stop = new AbortController()
  let sent = 0
  let hurry = false
  world.atEnd(async () => {
    stop.abort()
    await running.catch(() => undefined)
    await log.close()
  })

  async function run(): Promise<void> {
    const writer = await log.writer()
    while (sent < lines.length && !stop.signal.aborted) {
      const some = lines.slice(sent, hurry ? undefined : sent + Math.ceil((perSecond * everyMs) / 1000))
      const records = some.map(line => ({ key: Buffer.from(scanLearnerKey(Buffer.from(line))!), value: Buffer.from(line) }))
      const batches = Array.from({ length: services.config.partitions }, (_, partition) => ({
        topic,
        partition,
        records: records.filter(({ key }) => partitionOf(key, services.config.partitions) === partition),
      }))
      try {
        await writer.send(batches)
        sent += some.length
      } catch (error) {
        // Perhaps it is there, perhaps not: it is sent again, and route drops what it has seen.
        world.said.push(`live: ${String(error)}`)
      }
      if (!hurry) await clock.sleep(everyMs, stop.signal)
    }
    await writer.close()
  }
  const running = run()
  running.catch(() => undefined)
  return {
    get sent() {
      return sent
    },
    finish() {
      hurry = true
      return running
    },
  }
}
