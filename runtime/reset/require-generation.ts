import { TributaryError } from '../../schemas/errors.js'
import { type Naming, topicName } from '../../schemas/topics.js'
import type { Services } from '../services.js'

/** Of the release before one that changed the form of records; null = there was none. */
export const generationBefore = ({ prefix, generation }: Naming): Naming | null =>
  generation === 1 ? null : { prefix, generation: generation - 1 }

/**
 * Topics of the generation before, and none of this one: made beside them by a mere start, they would lack the dead letters of lines that
 * never came into `xapi`, and roles of both releases would publish the same datasets by turns. `reset` sees to both.
 *
 * @throws {TributaryError} GENERATION_OLDER
 */
export async function requireGeneration({ log, naming }: Pick<Services, 'log' | 'naming'>): Promise<void> {
  const before = generationBefore(naming)
  if (before === null) return
  const [now, older] = [topicName('route-seen', naming), topicName('route-seen', before)]
  const there = await log.describeTopics([now, older])
  if (there.has(now) || !there.has(older)) return
  throw new TributaryError('GENERATION_OLDER', `there is ${older}, and no ${now}: this release writes generation ${naming.generation}`)
}
