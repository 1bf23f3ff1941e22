import type { TopicPartition } from '../log.js'
import { BackOff } from './back-off.js'
import { code, isMoved } from './broker-errors.js'
import type { ClusterMap } from './cluster-map.js'
import { type Connections, isConnectionLost } from './connections.js'
import { groupByLeader, type LeaderGroup } from './leader-groups.js'
import { refuseMissing } from './missing-topic.js'
import { refused, unreachable } from './request-errors.js'
import type { WireRequest } from './wire-request.js'

const limitMs = 30_000

export interface PartitionReply extends TopicPartition {
  readonly error: number
}

/** What is asked of the leaders of partitions. It may be repeated. */
export interface LeaderQuestion<Reply extends PartitionReply> {
  readonly map: ClusterMap
  readonly connections: Connections
  /** For messages, without the partition: "asking for the offsets of". */
  readonly doing: string
  request(places: readonly TopicPartition[]): WireRequest<readonly Reply[]>
}

/** Asks until each partition was answered for, in any order; where the leader moved, the new one. */
export async function askLeaders<Reply extends PartitionReply>(
  question: LeaderQuestion<Reply>,
  places: readonly TopicPartition[],
): Promise<readonly Reply[]> {
  const { map, doing } = question
  const replies: Reply[] = []
  const backOff = new BackOff(limitMs)
  let missing = places
  for (;;) {
    const { groups } = await groupByLeader(map, missing, place => place)
    const outcomes = await Promise.all(groups.map(group => askLeader(question, group, replies)))
    missing = missing.filter(place => !replies.some(reply => reply.partition === place.partition && reply.topic === place.topic))
    if (missing.length === 0) return replies
    const topics = [...new Set(missing.map(({ topic }) => topic))]
    refuseMissing(map, backOff, topics)
    if (backOff.expired) throw outcomes.find(outcome => outcome !== undefined) ?? unreachable(`${doing} ${topics.join(', ')}`)
    await backOff.wait()
    await map.refresh(topics)
  }
}

/** Notes what the leader answered; returns why something is still missing, if it is. */
async function askLeader<Reply extends PartitionReply>(
  { connections, doing, request }: LeaderQuestion<Reply>,
  { leader, items }: LeaderGroup<TopicPartition>,
  into: Reply[],
): Promise<unknown> {
  let answers: readonly Reply[]
  try {
    answers = await connections.send(leader, request(items))
  } catch (error) {
    if (!isConnectionLost(error)) throw error
    return unreachable(`${doing} ${items[0]!.topic}`, error)
  }
  let failure: unknown
  for (const answer of answers) {
    const { topic, partition, error } = answer
    if (error === code.none) into.push(answer)
    else if (isMoved(error)) failure = refused(`${doing} ${topic}/${partition}`, error)
    else throw refused(`${doing} ${topic}/${partition}`, error)
  }
  return failure
}
