import { type GroupedRole, groupedRoles, groupName, type TopicId, topicName } from '../../schemas/topics.js'
import type { World } from './world.js'

/** All that lag tools are shown, per role, where datasets of all kinds are; `docs/operations.md` says it in words. */
const shown: Readonly<Record<GroupedRole, readonly TopicId[]>> = {
  route: ['xapi'],
  aggregate: ['events.attempt', 'events.page-viewed', 'events.video', 'events.tutor-message', 'events.other'],
  sink: ['events.attempt', 'events.page-viewed', 'events.video', 'state.learners', 'state.sessions', 'route-ledger', 'datasets'],
  publish: ['datasets', 'dataset-files', 'sources', 'route-ledger'],
}

/** By partition. */
export type OffsetsOf = (group: string, topic: string) => Promise<ReadonlyMap<number, number>>

/** Partitions of which the group's offset is not the stable end. */
export async function lagging({ services: { log, naming, config } }: World, offsetsOf: OffsetsOf): Promise<string[]> {
  const found: string[] = []
  for (const role of groupedRoles)
    for (const topic of shown[role].map(id => topicName(id, naming))) {
      const offsets = await offsetsOf(groupName(role, naming), topic)
      for (const [partition, { stable }] of await log.watermarks(topic, [...Array(config.partitions).keys()]))
        if (offsets.get(partition) !== stable) found.push(`${role} ${topic}/${partition}: ${offsets.get(partition)} of ${stable}`)
    }
  return found
}
