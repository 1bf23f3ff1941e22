import { scanLearnerKey } from '../../producers/learner-key-scan.js'
import type { OutRecord } from '../../runtime/log.js'
import { partitionOf } from '../../schemas/partition.js'
import { topicName } from '../../schemas/topics.js'
import type { World } from './world.js'

export interface Live {
  /** Ends it; resolves with the number of statements, all of them acknowledged. */
  stop(): Promise<number>
}

const everyMs = 100

/** Somebody who sends statements straight into `xapi` as they happen, without end, and each again until it is acknowledged. */
export function startLive(world: World, perSecond: number, statementOf: (n: number) => string): Live {
  const { log, clock } = world.open('live')
  const stop = new AbortController()
  let sent = 0

  async function run(): Promise<void> {
    const writer = await log.writer()
    while (!stop.signal.aborted) {
      const some = Array.from({ length: Math.ceil((perSecond * everyMs) / 1000) }, (_, i) => statementOf(sent + i))
      for (let acknowledged = false; !acknowledged; )
        try {
          await writer.send(batchesOf(world, some))
          acknowledged = true
        } catch (error) {
          // Perhaps it is there, perhaps not: it is sent again, and route drops what it has seen.
          world.said.push(`live: ${String(error)}`)
        }
      sent += some.length
      await clock.sleep(everyMs, stop.signal)
    }
    await writer.close()
  }
  const running = run()
  running.catch(() => undefined)
  world.atEnd(async () => {
    stop.abort()
    await log.close()
    await running.catch(() => undefined)
  })
  return {
    async stop() {
      stop.abort()
      await running
      return sent
    },
  }
}

/** Statements as records of `xapi`, each in its home partition. */
export function batchesOf({ services: { naming, config } }: World, lines: readonly string[]) {
  const homes = new Map<number, OutRecord[]>()
  for (const line of lines) {
    const value = Buffer.from(line)
    const key = Buffer.from(scanLearnerKey(value)!)
    const partition = partitionOf(key, config.partitions)
    homes.set(partition, [...(homes.get(partition) ?? []), { key, value }])
  }
  return [...homes].map(([partition, records]) => ({ topic: topicName('xapi', naming), partition, records }))
}
