import { TributaryError } from '../../schemas/errors.js'
import type { Appended, PartitionBatch } from '../log.js'
import { BackOff } from './back-off.js'
import { code, isProduceRetriable } from './broker-errors.js'
import type { ClusterMap } from './cluster-map.js'
import type { Codec } from './codec.js'
import { type Connections, isConnectionLost } from './connections.js'
import { groupByLeader, type LeaderGroup } from './leader-groups.js'
import { refuseMissing } from './missing-topic.js'
import { appended, halve, type ProduceQueue, produceQueues, type Sequences, whereAppended } from './produce-queue.js'
import { type PartitionProduced, produceRequest } from './produce-request.js'
import type { BatchProducer } from './record-batch-encoder.js'
import { refused, unreachable } from './request-errors.js'

export interface ProduceSettings {
  readonly map: ClusterMap
  readonly connections: Connections
  readonly codec: Codec
  readonly maxBatchBytes: number
}

/** Who writes, with which numbers, and for how long it is tried. */
export interface ProduceAs {
  readonly producer: BatchProducer
  readonly transactionalId: string | null
  readonly sequences: Sequences
  readonly limitMs: number
  /** Awaited before anything is sent again. What it throws ends the sending. */
  beforeRepeat?(): Promise<void>
}

/**
 * Sends until every record is acknowledged: in rounds of one batch per partition, one request per broker. A repeat
 * carries the same sequence numbers, so the broker drops what it already has. Whatever it throws, nothing is under way any more.
 */
export async function produce(settings: ProduceSettings, as: ProduceAs, batches: readonly PartitionBatch[]): Promise<readonly Appended[]> {
  const queues = produceQueues(batches, as.sequences, settings.maxBatchBytes)
  const backOff = new BackOff(as.limitMs)
  let open = queues
  while (open.length > 0) {
    const round = new Round()
    const { groups, leaderless } = await groupByLeader(settings.map, open, queue => queue)
    round.again.push(...leaderless)
    await Promise.all(groups.map(group => sendGroup(settings, as, group, round)))
    if (round.failure !== undefined) throw round.failure
    if (round.again.length > 0) {
      const topics = [...new Set(round.again.map(queue => queue.topic))]
      refuseMissing(settings.map, backOff, topics)
      if (backOff.expired) throw round.giveUp()
      await backOff.wait()
      await settings.map.refresh(topics)
      await as.beforeRepeat?.()
    }
    open = open.filter(queue => queue.waiting.length > 0)
  }
  return queues.map(whereAppended)
}

/** What one round left: failures wait until the answers of all brokers are in. */
class Round {
  readonly again: ProduceQueue[] = []
  failure: unknown
  lastCode = 0
  lost: unknown

  giveUp(): TributaryError {
    const { topic, partition } = this.again[0]!
    const doing = `writing to ${topic}/${partition}`
    return this.lost === undefined ? refused(doing, this.lastCode) : unreachable(doing, this.lost)
  }
}

async function sendGroup(settings: ProduceSettings, as: ProduceAs, group: LeaderGroup<ProduceQueue>, round: Round): Promise<void> {
  const heads = group.items.map(queue => queue.waiting[0]!)
  let answers: readonly PartitionProduced[]
  try {
    answers = await settings.connections.send(group.leader, produceRequest(heads, as.producer, as.transactionalId, settings.codec))
  } catch (error) {
    if (isConnectionLost(error)) {
      round.lost = error
      round.again.push(...group.items)
    } else {
      round.failure ??= error
    }
    return
  }
  for (const queue of group.items) {
    const answer = answers.find(a => a.partition === queue.partition && a.topic === queue.topic)
    settle(queue, answer, round)
  }
}

function settle(queue: ProduceQueue, answer: PartitionProduced | undefined, round: Round): void {
  const error = answer?.error ?? code.networkException
  if (answer !== undefined && error === code.none) {
    appended(queue, answer.baseOffset)
  } else if (error === code.messageTooLarge || error === code.recordListTooLarge) {
    if (!halve(queue)) round.failure ??= new TributaryError('MESSAGE_TOO_LARGE', `writing to ${queue.topic}/${queue.partition}`)
  } else if (isProduceRetriable(error)) {
    round.lastCode = error
    round.again.push(queue)
  } else {
    round.failure ??= refused(`writing to ${queue.topic}/${queue.partition}`, error)
  }
}
