import { allSources } from '../producers/all-sources.js'
import type { Source } from '../producers/source.js'
import { followGroup, type GroupedRole, groupedRoles, groupName } from '../schemas/topics.js'
import { askInTime } from './asked.js'
import { configuredFollow } from './follow/follow-role.js'
import { scopeOf } from './follow/scope.js'
import type { Services } from './services.js'
import type { RoleStatus, Status } from './status.js'
import { known } from './status-parts.js'

/** A coordinator that moves takes seconds; one that is there answers at once. */
const limitMs = 3_000

/** Append time of the last commit, ms; 0 = there is none, undefined = it is not known now. */
export type Committed = Readonly<Record<GroupedRole, number | undefined>>

/** Who runs, by the groups of the roles; `why` = a coordinator that did not answer. */
export async function rolesOf(
  services: Services,
  sources: readonly Source[],
  committed: Committed,
  { routeLag, aggregateLag, sinkLag }: Status['totals'],
  now: number,
): Promise<readonly { readonly role: RoleStatus; readonly why: string | null }[]> {
  const { config, naming } = services
  const lags = { route: routeLag, aggregate: aggregateLag, sink: sinkLag, publish: null }
  const grouped = groupedRoles.map(async role => {
    const { counts, why } = await groupOf(services, groupName(role, naming))
    const at = committed[role]
    const committedSeconds = at === undefined ? undefined : at === 0 ? null : Math.max(0, (now - at) / 1000)
    return { role: { role, of: config.partitions, ...counts, ...known({ lag: lags[role], committedSeconds }) }, why }
  })
  const follow = configuredFollow(config)
  if (follow === null) return Promise.all(grouped)
  return Promise.all([...grouped, followOf(services, followGroup(scopeOf(allSources(sources), follow).id, naming))])
}

/** One of its processes does the work, the others stand by. */
async function followOf(services: Services, group: string) {
  const { counts, why } = await groupOf(services, group)
  const tasks = counts.tasks === undefined ? {} : { tasks: Math.min(1, counts.tasks) }
  return { role: { role: 'follow' as const, of: 1, ...counts, ...tasks, lag: null, committedSeconds: null }, why }
}

async function groupOf(
  { log, clock }: Services,
  group: string,
): Promise<{ counts: { members?: number; tasks?: number }; why: string | null }> {
  const answer = await askInTime(clock, limitMs, () => log.members(group))()
  if ('why' in answer) return { counts: {}, why: `asking who is in ${group}: ${answer.why}` }
  const owned = new Set(answer.value.flatMap(member => member.partitions))
  return { counts: { members: answer.value.length, tasks: owned.size }, why: null }
}
