import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import { encodeDecision, type LetterDecision } from '../../schemas/letter-decision.js'
import { partitionOf } from '../../schemas/partition.js'
import { decisionsTransactionalId, placesOf, topicName } from '../../schemas/topics.js'
import type { PartitionBatch, TransactionalWriter } from '../log.js'
import type { Services } from '../services.js'

/**
 * The right to decide about dead letters, which one command has at a time: claiming it ends the open transaction of another one, whose
 * next step is refused. So whoever has claimed sees, by reading `dead-letter-decisions`, everything that was ever decided.
 */
export async function deciding<T>({ log, naming, config }: Services, work: (tx: TransactionalWriter) => Promise<T>): Promise<T> {
  const tx = await log.claim(decisionsTransactionalId(naming))
  const own = [...Array(config.partitions).keys()].flatMap(partition => placesOf(['xapi', 'dead-letter-decisions'], partition, naming))
  const recover = () => tx.recover().then(() => tx.settle(own))
  try {
    await tx.settle(own)
    const done = await work(tx)
    // Nobody comes after it soon: what a broker leaves open now would hold back `xapi` until the next command.
    await tx.requireSettled().catch(recover)
    return done
  } catch (error) {
    // Asked, a writer learns whether it was overtaken, and its open transaction ends: it would hold back `xapi` for everybody.
    const fenced = await recover().then(
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
