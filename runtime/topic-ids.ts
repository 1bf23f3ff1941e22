import { type Naming, type TopicId, topicName } from '../schemas/topics.js'
import type { Log } from './log.js'

/** Of the topics that a task's local state speaks of: with another one it is of no use. */
export async function topicIds(log: Log, naming: Naming, topics: readonly TopicId[]): Promise<Readonly<Record<string, string>>> {
  const states = await log.describeTopics(topics.map(id => topicName(id, naming)))
  return Object.fromEntries([...states].map(([name, { id }]) => [name, id]))
}
