import { eventTopicIds, groupName, topicName } from '../../schemas/topics.js'
import { makeHints } from '../hints.js'
import { feedOf, type RoleKit, runTasks } from '../role-kit.js'
import { topicIds } from '../topic-ids.js'
import type { AggregateDeps } from './aggregate-state.js'
import { aggregateTask } from './aggregate-task.js'

const maxWaitMs = 200
/** An event costs more memory here than in route, since its learner's state stays decoded until the commit: so fewer of them. */
const shareOfCommitBytes = 0.5

/** Events to what is known of learners and sessions. */
export async function runAggregateRole(kit: RoleKit): Promise<void> {
  const { log, naming, config, clock } = kit.services
  const { clusterId } = await log.selfTest()
  const live = feedOf(kit.services, maxWaitMs)
  const catchUp = feedOf(kit.services, 0)
  const changelog = topicName('aggregate-changelog', naming)
  const hints = makeHints(log, groupName('aggregate', naming), clock, kit.signal)
  const deps: AggregateDeps = {
    log,
    live,
    catchUp,
    codec: kit.codec,
    naming,
    aggregates: kit.aggregates,
    clusterId,
    topicIds: await topicIds(log, naming, ['aggregate-changelog', ...eventTopicIds]),
    tombstonesKeptMs: Number((await log.describeTopics([changelog])).get(changelog)!.config['delete.retention.ms']),
    openStore: kit.openStore,
    commitMs: config.commitMs,
    commitBytes: config.commitBytes * shareOfCommitBytes,
    hints,
    clock,
    logger: kit.services.logger.child({ role: 'aggregate' }),
    fault: kit.fault,
  }
  try {
    await runTasks(kit, 'aggregate', topicName('events.attempt', naming), hints, partition => aggregateTask(deps, partition))
  } finally {
    await live.close()
    await catchUp.close()
  }
}
