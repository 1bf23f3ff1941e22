import type { Clock } from './clock.js'
import type { Fetched, Log } from './log.js'
import { describe, type Logger } from './logger.js'

/** A transaction may take its time; after this long somebody should know whose it is. */
const patienceMs = 30_000
const againMs = 60_000

export interface HeldBack {
  /** Told of every fetch. Cheap: it asks the brokers only when a partition has stood still for long. */
  look(fetched: Fetched): void
}

/**
 * A foreign producer that leaves a transaction open holds back everything behind it in the partition, for every committed reader.
 * We cannot end it, but we can name it.
 */
export function watchHeldBack(log: Log, clock: Clock, logger: Logger): HeldBack {
  let stable = -1
  let since = 0
  let said = Number.NEGATIVE_INFINITY

  async function name({ topic, partition, high }: Fetched, seconds: number): Promise<void> {
    const open = await log.openTransactions(topic, partition)
    const who = open.map(t => `${t.transactionalId ?? `producer ${t.producerId}`} since offset ${t.firstOffset}`)
    logger.warn(
      { topic, partition, stable, high, seconds, open },
      `an open transaction holds back ${topic}/${partition} at offset ${stable} of ${high}: ${who.join(', ') || 'its producer is not known'}`,
    )
  }

  return {
    look(fetched) {
      const now = clock.monotonic()
      const stands = fetched.next >= fetched.stable && fetched.high > fetched.stable
      if (!stands || fetched.stable !== stable) {
        stable = fetched.stable
        since = now
        return
      }
      if (now - since < patienceMs || now - said < againMs) return
      said = now
      name(fetched, Math.round((now - since) / 1000)).catch(error => {
        logger.warn({ topic: fetched.topic, partition: fetched.partition }, `asking who holds back the partition: ${describe(error)}`)
      })
    },
  }
}
