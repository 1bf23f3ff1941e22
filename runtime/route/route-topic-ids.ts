import { type Naming, topicName } from '../../schemas/topics.js'
import type { Log } from '../log.js'

/** Of the topics that route's local state speaks of: with another one it is of no use. */
export async function routeTopicIds(log: Log, naming: Naming): Promise<Readonly<Record<string, string>>> {
  const states = await log.describeTopics([topicName('route-seen', naming), topicName('xapi', naming)])
  return Object.fromEntries([...states].map(([name, { id }]) => [name, id]))
}
