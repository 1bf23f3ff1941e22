import type { Ledger } from '../../processors/route/ledger.js'
import { TributaryError } from '../../schemas/errors.js'
import { type EventTopicId, topicName } from '../../schemas/topics.js'
import type { RouteDeps } from './route-task.js'

/**
 * Ids, books and events come from one transaction: restored, they tell of the same. When they do not, Kafka has lost records that it had
 * acknowledged, or a broker tells of the past. Going on from ids that are short would send events again, and count them again, in books that
 * add up; so the task waits, and looks again.
 */
export async function requireAgreement(deps: RouteDeps, partition: number, position: number, { next, ends }: Ledger): Promise<void> {
  const place = (topic: string) => `${topic}/${partition}`
  const [seen, books] = [topicName('route-seen', deps.naming), topicName('route-ledger', deps.naming)]
  if (position !== next)
    throw new TributaryError('RESTORE_SHORT', `${place(seen)} is at ${position} of xapi, and ${place(books)} at ${next}`)
  for (const [id, end] of Object.entries(ends) as [EventTopicId, number][]) {
    const topic = topicName(id, deps.naming)
    const { stable } = (await deps.log.watermarks(topic, [partition])).get(partition)!
    if (stable < end) throw new TributaryError('RESTORE_SHORT', `${place(topic)} ends at ${stable}, and ${place(books)} knows of ${end}`)
  }
}
