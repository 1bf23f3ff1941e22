import type { Config } from '../../config.js'
import type { Source } from '../../producers/source.js'
import { TributaryError } from '../../schemas/errors.js'
import type { EventQueue } from '../event-queue.js'
import type { Fault } from '../fault.js'
import type { Services } from '../services.js'
import { followAsMember } from './follow-member.js'
import type { FollowEvents, FollowRequest } from './request.js'

/** What the settings ask to follow; null = nothing. */
export function configuredFollow(config: Config): FollowRequest | null {
  if (config.followBucket === '') return null
  return {
    bucket: config.followBucket,
    sections: config.followSections,
    prefixes: config.followPrefixes,
    categories: config.followCategories,
    since: config.followSince,
    queue: config.followQueueUrl === '' ? null : config.followQueueUrl,
    everyMs: config.followEverySeconds * 1000,
    overlapMs: config.followOverlapSeconds * 1000,
    listsPerSecond: config.followListsPerSecond,
  }
}

/** New objects to statements, as the settings say. */
export async function runFollowRole(services: Services, sources: readonly Source[], fault: Fault, signal: AbortSignal): Promise<void> {
  const request = configuredFollow(services.config)
  if (request === null) throw new TributaryError('CONFIG_INVALID', 'FOLLOW_BUCKET is not set: there is nothing to follow')
  const logger = services.logger.child({ role: 'follow' })
  const events: FollowEvents = {
    progress: () => undefined,
    note: text => logger.warn({}, text),
    standsBy: () => logger.info({}, 'another instance follows the same: standing by'),
  }
  const queue = await openQueue(services, request)
  try {
    await followAsMember(services, sources, request, { queue, patient: true, fault, events }, signal)
  } finally {
    queue?.close()
  }
}

/** The client is loaded only when there is a queue. */
export async function openQueue({ addresses }: Services, { queue }: FollowRequest): Promise<EventQueue | null> {
  if (queue === null) return null
  const { sqsQueue } = await import('../s3/sqs-queue.js')
  return sqsQueue({ url: queue, region: addresses.s3.region })
}
