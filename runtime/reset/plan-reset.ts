import { decodeSourcesRecord } from '../../schemas/sources.js'
import { groupedRoles, groupName, type TopicDeclaration, topicName, topics } from '../../schemas/topics.js'
import { readPartition } from '../read-partition.js'
import { roleNames } from '../roles.js'
import type { Services } from '../services.js'
import { roleTroublesHere, stateOfRole } from '../state/role-folder.js'
import { generationBefore } from './require-generation.js'

/** `derived`: what is made from `xapi`. `sources`: and the ledger of what backfill has read. `everything`: and the statements themselves. */
export type ResetScope = 'derived' | 'sources' | 'everything'

export interface ResetPlan {
  readonly scope: ResetScope
  /** Made anew, empty; `records` counts offsets. */
  readonly topics: readonly { readonly name: string; readonly records: number }[]
  readonly kept: readonly string[]
  /** Objects taken off the ledger, since the dead letters of their lines go and nothing but their lines can make them again. */
  readonly objects: readonly string[]
  /** Removed on this machine; elsewhere they are found to be of another topic, and rebuilt. */
  readonly folders: readonly string[]
  /** Why it is not done; none = it can be. */
  readonly live: readonly string[]
  /** `xapi` does not begin at 0 any more: what is made anew would lack what was deleted. */
  readonly missing: readonly string[]
  /** Backfill runs that have not ended, as far as the ledger knows. */
  readonly unfinished: readonly string[]
}

/** What a reset would do, from Kafka and this machine as they are now. Changes nothing. */
export async function planReset(services: Services, scope: ResetScope): Promise<ResetPlan> {
  const { log, naming, config } = services
  const declared = Object.values(topics)
  const names = (chosen: readonly TopicDeclaration[]) => chosen.map(({ id }) => topicName(id, naming))
  const goes = declared.filter(topic => isReset(topic, scope))
  const there = await log.describeTopics(names(declared))
  const found = names(goes).filter(name => there.has(name))
  const sources = topicName('sources', naming)
  const ledger = there.has(sources) ? await readLedger(services) : { refused: [], unfinished: [] }
  const xapi = topicName('xapi', naming)
  return {
    scope,
    topics: await Promise.all(found.map(async name => ({ name, records: await recordsIn(services, name, there.get(name)!.partitions) }))),
    kept: names(declared.filter(topic => !goes.includes(topic))).filter(name => there.has(name)),
    objects: scope === 'derived' ? ledger.refused : [],
    folders: roleNames.flatMap(role => stateOfRole(config, role)),
    live: [
      ...(await liveGroups(services)),
      ...roleNames.filter(role => roleTroublesHere(config, role) !== null).map(role => `${role} runs on this machine`),
    ],
    missing: scope === 'everything' || !there.has(xapi) ? [] : await deletedFrom(services, xapi, there.get(xapi)!.partitions),
    unfinished: ledger.unfinished,
  }
}

export function isReset(topic: TopicDeclaration, scope: ResetScope): boolean {
  if (topic.derived) return true
  return (topic.id === 'sources' && scope !== 'derived') || (topic.id === 'xapi' && scope === 'everything')
}

async function recordsIn({ log }: Services, topic: string, partitions: number): Promise<number> {
  const marks = await log.watermarks(topic, [...Array(partitions).keys()])
  return [...marks.values()].reduce((sum, { low, high }) => sum + high - low, 0)
}

async function deletedFrom({ log }: Services, topic: string, partitions: number): Promise<string[]> {
  const marks = await log.watermarks(topic, [...Array(partitions).keys()])
  return [...marks].filter(([, { low }]) => low > 0).map(([partition, { low }]) => `${topic}/${partition} begins at offset ${low}`)
}

async function liveGroups({ log, naming }: Services): Promise<string[]> {
  const live: string[] = []
  // Roles of the generation before would go on with datasets that this one makes.
  for (const each of [naming, generationBefore(naming)].filter(each => each !== null))
    for (const role of groupedRoles)
      for (const { client, host, partitions } of await log.members(groupName(role, each)))
        live.push(
          `${role}${each === naming ? '' : ` of generation ${each.generation}`}: ${client} at ${host} with ${partitions.length} tasks`,
        )
  return live
}

async function readLedger({ log, naming, config }: Services): Promise<{ refused: readonly string[]; unfinished: readonly string[] }> {
  const refused = new Set<string>()
  const unfinished = new Set<string>()
  for (let partition = 0; partition < config.partitions; partition++)
    await readPartition(log, topicName('sources', naming), partition, ({ key, value }) => {
      const name = key!.toString()
      refused.delete(name)
      if (value === null) return
      const decoded = decodeSourcesRecord(name, value)
      if (decoded.is === 'object' && Object.values(decoded.object.refused).some(n => n > 0)) refused.add(name)
      if (decoded.is === 'run' && decoded.run.state === 'running') unfinished.add(decoded.id)
      if (decoded.is === 'run' && decoded.run.state !== 'running') unfinished.delete(decoded.id)
    })
  return { refused: [...refused].sort(), unfinished: [...unfinished].sort() }
}
