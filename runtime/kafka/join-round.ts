import { TributaryError } from '../../schemas/errors.js'
import { type Assignment, assign, type Held, handOver } from './assign.js'
import { code } from './broker-errors.js'
import type { ClusterMap } from './cluster-map.js'
import { isConnectionLost } from './connections.js'
import type { Coordinator } from './coordinator.js'
import { type GroupMember, type GroupTimes, type Joined, joinGroupRequest, syncGroupRequest } from './group-requests.js'

export interface JoinRound {
  /** 0, or the broker's code for what kept the member from an assignment. */
  readonly error: number
  /** As they are after the round, also after a failed one: the broker may have given an id only. */
  readonly memberId: string
  readonly generation: number
  readonly assigned: readonly number[]
}

export interface JoinPlace {
  readonly map: ClusterMap
  readonly topic: string
  readonly times: GroupTimes
}

/** One JoinGroup and SyncGroup; who leads the group shares out the partitions in between. */
export async function joinRound(place: JoinPlace, coordinator: Coordinator, self: GroupMember, owned: readonly Held[]): Promise<JoinRound> {
  let { memberId, generation } = self
  const failed = (error: number): JoinRound => ({ error, memberId, generation, assigned: [] })
  try {
    const joined = await coordinator.send(joinGroupRequest(place.topic, self, owned, place.times))
    if (joined.error === code.none || joined.error === code.memberIdRequired) memberId = joined.memberId
    if (joined.error !== code.none) return failed(joined.error)
    generation = joined.generation
    const shares: Assignment = joined.leads ? await shareOut(place, joined) : new Map()
    const { error, assigned } = await coordinator.send(syncGroupRequest(place.topic, { group: self.group, memberId, generation }, shares))
    return { error, memberId, generation, assigned }
  } catch (error) {
    if (isConnectionLost(error)) return failed(code.networkException)
    throw error
  }
}

async function shareOut({ map, topic }: JoinPlace, { members }: Joined): Promise<Assignment> {
  const partitions = (await map.topics([topic])).get(topic)?.partitions.length
  if (partitions === undefined) throw new TributaryError('TOPIC_MISSING', `sharing out ${topic}`)
  return handOver(assign(members, partitions), members)
}
