import { rmSync } from 'node:fs'
import { TributaryError } from '../../schemas/errors.js'
import { partitionOf } from '../../schemas/partition.js'
import { groupName, topicName } from '../../schemas/topics.js'
import type { Services } from '../services.js'
import { makeTopics } from '../topics-admin.js'
import { planReset, type ResetPlan, type ResetScope } from './plan-reset.js'

/**
 * Takes everything back that is made from `xapi`, so that the roles make it anew from its beginning. Order of effects: 1 nobody is in a
 * group, and no role runs here 2 objects whose refused lines cannot come from `xapi` are taken off the ledger 3 the topics are deleted, in
 * one request 4 made again, empty 5 group offsets back to 0, as a hint 6 local state removed.
 *
 * Broken anywhere, the same command goes on. Between 3 and 4 `run` makes the topics too; local state of a topic that is gone is found to be
 * that, and rebuilt. Files stay in S3, and manifests show them until the new ones hold as much (see `mayFollow`).
 */
export async function reset(services: Services, scope: ResetScope): Promise<ResetPlan> {
  const plan = await planReset(services, scope)
  if (plan.live.length > 0) throw new TributaryError('ROLES_LIVE', `resetting: ${plan.live.join('; ')}`)
  if (plan.missing.length > 0)
    throw new TributaryError(
      'OFFSET_LOST',
      `resetting: ${plan.missing.join('; ')}; what lay before cannot be routed again, and its rows would be gone`,
    )
  const { log, naming, config } = services
  await takeOffLedger(services, plan.objects)
  const names = plan.topics.map(({ name }) => name)
  const before = await log.describeTopics(names)
  await log.deleteTopics(names)
  await makeTopics(services)
  const after = await log.describeTopics(names)
  const old = names.filter(name => after.get(name)?.id === before.get(name)?.id)
  if (old.length > 0) throw new TributaryError('KAFKA_REQUEST', `resetting: ${old.join(', ')} did not go`)
  const beginning = new Map(Array.from({ length: config.partitions }, (_, partition) => [partition, 0]))
  await log.hintOffsets(groupName('route', naming), topicName('xapi', naming), beginning)
  for (const folder of plan.folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  return plan
}

async function takeOffLedger({ log, naming, config }: Services, objects: readonly string[]): Promise<void> {
  if (objects.length === 0) return
  const topic = topicName('sources', naming)
  const writer = await log.writer()
  try {
    await writer.send(
      objects.map(object => {
        const key = Buffer.from(object)
        return { topic, partition: partitionOf(key, config.partitions), records: [{ key, value: null }] }
      }),
    )
  } finally {
    await writer.close()
  }
}
