import { groupName, topicName } from '../../schemas/topics.js'
import { makeHints } from '../hints.js'
import { feedOf, type RoleKit, runTasks } from '../role-kit.js'
import { topicIds } from '../topic-ids.js'
import { requireIdRules } from './require-id-rules.js'
import { type RouteDeps, routeTask } from './route-task.js'

const maxWaitMs = 200

/** Statements to typed events, each once. */
export async function runRouteRole(kit: RoleKit): Promise<void> {
  const { log, naming, config, clock } = kit.services
  const { clusterId } = await log.selfTest()
  await requireIdRules(log, naming, config.partitions)
  const logger = kit.services.logger.child({ role: 'route' })
  const feed = feedOf(kit.services, maxWaitMs)
  const mover = await log.writer()
  const hints = makeHints(log, groupName('route', naming), clock, kit.signal)
  const deps: RouteDeps = {
    log,
    feed,
    mover,
    codec: kit.codec,
    naming,
    partitions: config.partitions,
    clusterId,
    topicIds: await topicIds(log, naming, ['route-seen', 'xapi']),
    openStore: kit.openStore,
    commitMs: config.commitMs,
    commitBytes: config.commitBytes,
    maxMessageBytes: config.maxStatementBytes,
    hints,
    clock,
    logger,
    fault: kit.fault,
  }
  try {
    await runTasks(kit, 'route', topicName('xapi', naming), hints, partition => routeTask(deps, partition))
  } finally {
    await feed.close()
    await mover.close()
  }
}
