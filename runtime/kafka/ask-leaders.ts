import type { TopicPartition } from '../log.js'
import { BackOff } from './back-off.js'
import { code, isMoved } from './broker-errors.js'
import type { ClusterMap } from './cluster-map.js'
import { type Connections, isConnectionLost } from './connections.js'
import { inTime } from './in-time.js'
import { groupByLeader, type LeaderGroup } from './leader-groups.js'
import { refuseMissing } from './missing-topic.js'
import { refused, unreachable } from './request-errors.js'
import type { WireRequest } from './wire-request.js'

const limitMs = 30_000
/** Of `askPresentLeaders`: a broker that is there answers within milliseconds. */
const presentMs = 2_000

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
    const outcomes = await askRound(question, missing, replies)
    missing = unanswered(missing, replies)
    if (missing.length === 0) return replies
    const topics = topicsOf(missing)
    refuseMissing(map, backOff, topics)
    if (backOff.expired)
      throw outcomes.find(outcome => outcome !== undefined) ?? unreachable(`${doing} ${namesOf(missing)}: no broker leads it`)
    await backOff.wait()
    await map.refresh(topics)
  }
}

/** Asks twice, with fresh metadata in between, and returns what was answered by then: nobody waits for a partition without a leader. */
export async function askPresentLeaders<Reply extends PartitionReply>(
  question: LeaderQuestion<Reply>,
  places: readonly TopicPartition[],
): Promise<readonly Reply[]> {
  const replies: Reply[] = []
  await inTime(askRound(question, places, replies), presentMs)
  const missing = unanswered(places, replies)
  if (missing.length > 0)
    await inTime(
      question.map.refresh(topicsOf(missing)).then(() => askRound(question, missing, replies)),
      presentMs,
    )
  return [...replies]
}

async function askRound<Reply extends PartitionReply>(question: LeaderQuestion<Reply>, places: readonly TopicPartition[], into: Reply[]) {
  const { groups } = await groupByLeader(question.map, places, place => place)
  return Promise.all(groups.map(group => askLeader(question, group, into)))
}

const unanswered = (places: readonly TopicPartition[], replies: readonly PartitionReply[]) =>
  places.filter(place => !replies.some(reply => reply.partition === place.partition && reply.topic === place.topic))
const topicsOf = (places: readonly TopicPartition[]) => [...new Set(places.map(({ topic }) => topic))]
const namesOf = (places: readonly TopicPartition[]) => places.map(({ topic, partition }) => `${topic}/${partition}`).join(', ')

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
