import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import { encodeDecision, type LetterDecision } from '../../schemas/letter-decision.js'
import { partitionOf } from '../../schemas/partition.js'
import { decisionsTransactionalId, topicName } from '../../schemas/topics.js'
import type { PartitionBatch, TransactionalWriter } from '../log.js'
import type { Services } from '../services.js'

/**
 * The right to decide about dead letters, which one command has at a time: claiming it ends the open transaction of another one, whose
 * next step is refused. So whoever has claimed sees, by reading `dead-letter-decisions`, everything that was ever decided.
 */
export async function deciding<T>({ log, naming }: Services, work: (tx: TransactionalWriter) => Promise<T>): Promise<T> {
  const tx = await log.claim(decisionsTransactionalId(naming))
  try {
    return await work(tx)
  } catch (error) {
    // Asked, a writer learns whether it was overtaken, and its open transaction ends: it would hold back `xapi` for everybody.
    const fenced = await tx.recover().then(
      () => false,
      why => isTributaryError(why, 'FENCED'),
    )
    throw fenced ? new TributaryError('FENCED', 'deciding about dead letters: another command has begun to', { cause: error }) : error
  } finally {
    await tx.close()
  }
}

/** Null = nothing is decided any more. */
export function decisionBatches({ naming, config }: Services, decisions: ReadonlyMap<string, LetterDecision | null>): PartitionBatch[] {
  const topic = topicName('dead-letter-decisions', naming)
  return [...decisions].map(([id, decision]) => {
    const key = Buffer.from(id)
    const value = decision === null ? null : encodeDecision(decision)
    return { topic, partition: partitionOf(key, config.partitions), records: [{ key, value }] }
  })
}
