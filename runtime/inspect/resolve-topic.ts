import { TributaryError } from '../../schemas/errors.js'
import { type Naming, type TopicId, topicName, topics } from '../../schemas/topics.js'

export interface NamedTopic {
  readonly id: TopicId
  readonly name: string
}

/** By its id (`events.attempt`, in the current generation), or by its whole name, of another generation too (`events.attempt.g2`). */
export function resolveTopic(given: string, naming: Naming): NamedTopic {
  const ids = Object.keys(topics) as TopicId[]
  const bare = given.startsWith(naming.prefix) ? given.slice(naming.prefix.length) : given
  const [, base = bare, generation] = /^(.+)\.g([1-9]\d*)$/.exec(bare) ?? []
  const id = ids.find(each => each === (topics[each].derived ? base : bare))
  if (id === undefined) throw new TributaryError('WRONG_USAGE', `there is no topic ${given}; there are ${ids.join(', ')}`)
  return { id, name: topicName(id, { ...naming, ...(generation ? { generation: Number(generation) } : {}) }) }
}
