import { type Admin, Kafka, logLevel } from 'kafkajs'

/** Topics of the brokers themselves: who leads a partition of them is the coordinator of the groups and transactions that are kept in it. */
export const coordinatorTopics = ['__consumer_offsets', '__transaction_state'] as const

export interface PartitionPlace {
  readonly topic: string
  readonly partition: number
  readonly leader: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
}

/** An operator's own client. */
export async function withAdmin<T>(brokers: readonly string[], work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Where these topics lie; of all topics when none is named. */
export async function placesOf(brokers: readonly string[], topics?: readonly string[]): Promise<PartitionPlace[]> {
  return withAdmin(brokers, async admin => {
    const found = await admin.fetchTopicMetadata(topics === undefined ? undefined : { topics: [...topics] })
    return found.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionId, leader, replicas, isr }) => ({
        topic: name,
        partition: partitionId,
        leader,
        replicas,
        inSync: isr,
      })),
    )
  })
}

/** Gives partitions new replicas. A leader that is not among them hands its partition over. */
export async function reassign(brokers: readonly string[], places: readonly Omit<PartitionPlace, 'leader' | 'inSync'>[]): Promise<void> {
  const topics = [...new Set(places.map(({ topic }) => topic))].map(topic => ({
    topic,
    partitionAssignment: places.flatMap(p => (p.topic === topic ? [{ partition: p.partition, replicas: [...p.replicas] }] : [])),
  }))
  await withAdmin(brokers, admin => admin.alterPartitionReassignments({ topics }))
}

const topicResource = 2

/** Sets these configs of a topic, and no other: what is not given is the broker's default again. */
export async function configureTopic(brokers: readonly string[], name: string, config: Readonly<Record<string, string>>): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  await withAdmin(brokers, admin => admin.alterConfigs({ validateOnly: false, resources: [{ type: topicResource, name, configEntries }] }))
}

/** How many members a consumer group has. */
export async function membersOf(brokers: readonly string[], group: string): Promise<number> {
  const { groups } = await withAdmin(brokers, admin => admin.describeGroups([group]))
  return groups[0]!.members.length
}
