import { makeHints } from '../../runtime/hints.js'
import type { RoleKit } from '../../runtime/role-kit.js'
import { feedOf, runTasks } from '../../runtime/role-kit.js'
import { routeTask } from '../../runtime/route/route-task.js'
import { routeTopicIds } from '../../runtime/route/route-topic-ids.js'
import type { StateStore } from '../../runtime/state/state-store.js'
import { groupName, topicName } from '../../schemas/topics.js'

/** Route's role as `runRouteRole` puts it together, with the ids seen in memory: they outlive a crash when the seed says so. */
export async function simRoute(kit: RoleKit, openStore: (partition: number) => StateStore): Promise<void> {
  const { log, naming, config, clock } = kit.services
  const { clusterId } = await log.selfTest()
  const feed = feedOf(kit.services, 200)
  const mover = await log.writer()
  const deps = {
    log,
    feed,
    mover,
    codec: kit.codec,
    naming,
    partitions: config.partitions,
    clusterId,
    topicIds: await routeTopicIds(log, naming),
    openStore,
    commitMs: config.commitMs,
    commitBytes: config.commitBytes,
    maxMessageBytes: config.maxStatementBytes,
    hints: makeHints(log, groupName('route', naming), clock, kit.signal),
    clock,
    logger: kit.services.logger,
    fault: kit.fault,
  }
  try {
    await runTasks(kit, 'route', topicName('xapi', naming), partition => routeTask(deps, partition))
  } finally {
    await feed.close()
    await mover.close()
  }
}
