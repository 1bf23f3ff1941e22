import type { Aggregate } from '../processors/aggregate.js'
import { decodeDecision } from '../schemas/letter-decision.js'
import type { FollowRecord } from '../schemas/sources.js'
import { type GroupedRole, groupedRoles, groupName, topicName } from '../schemas/topics.js'
import { aggregateLag, aggregatePositions, type CommittedPosition } from './aggregate/aggregate-positions.js'
import { listDatasets } from './datasets/read.js'
import { openTables, type Tables } from './publish/tables.js'
import { openCodec } from './registry/codec.js'
import type { Services } from './services.js'
import type { FollowStatus, RoleStatus, Status } from './status.js'
import { makeTail } from './tail.js'
import { requireTopics } from './topics-admin.js'

interface Known {
  readonly aggregates: readonly Aggregate[]
}

/** Reads it again and again: only what is new is read from Kafka. */
export interface StatusReader {
  read(): Promise<Status>
  close(): Promise<void>
}

/** All from Kafka and S3: it works when no process runs, and says the same from everywhere. */
export async function openStatus(services: Services, { aggregates }: Known): Promise<StatusReader> {
  await requireTopics(services)
  const { log, naming, config, clock } = services
  const tables = openTables(services, await openCodec(services.registry, naming))
  const reader = log.reader()
  const decided = new Map<string, 'replayed' | 'discarded'>()
  const decisions = makeTail(log, [
    {
      topic: topicName('dead-letter-decisions', naming),
      partitions: config.partitions,
      onRecord({ key, value }) {
        if (value === null) decided.delete(key!.toString())
        else decided.set(key!.toString(), decodeDecision(value).state)
      },
    },
  ])
  return {
    async read() {
      // The ends first: whatever lay before them then is done or counts as lag.
      const marks = await log.watermarks(topicName('xapi', naming), [...Array(config.partitions).keys()])
      await Promise.all([tables.tail.catchUp(), decisions.catchUp()])
      // After the ledger, of which they can only be behind.
      const states = await Promise.all(
        aggregates.map(async aggregate => ({
          name: aggregate.name,
          positions: await aggregatePositions(log, reader, { naming, partitions: config.partitions }, aggregate),
        })),
      )
      const now = clock.now()
      const partitions = tables.sinks.map(({ live }, partition) => {
        const end = marks.get(partition)!.high
        const route = tables.ledgers.get(String(partition))?.position ?? null
        const position = route?.next ?? 0
        const each = states.map(({ name, positions }) => [name, standing(positions[partition]!, route?.ends ?? {})] as const)
        return {
          partition,
          end,
          route: { position, lag: Math.max(0, end - position) },
          aggregates: Object.fromEntries(each),
          aggregate: each.reduce((worst, [, own]) => (own.lag > worst.lag ? own : worst), each[0]![1]),
          sink: { position: live.xapi, lag: Math.max(0, end - live.xapi) },
        }
      })
      const datasets = await listDatasets(services)
      const committed = {
        ...tables.committedAt,
        aggregate: Math.max(0, ...states.flatMap(({ positions }) => positions.map(({ at }) => at))),
        publish: Math.max(0, ...datasets.map(({ updatedAt }) => (updatedAt === null ? 0 : Date.parse(updatedAt)))),
      }
      const totals = totalsOf(tables, partitions, [...decided.values()])
      return {
        at: new Date(now).toISOString(),
        roles: await rolesOf(services, committed, totals, now),
        partitions,
        totals,
        datasets,
        backfills: backfillsOf(tables),
        follows: [...tables.follows].map(([id, record]) => followStatus(id, record, now)),
      }
    },
    async close() {
      await Promise.all([tables.tail.close(), decisions.close(), reader.close()])
    },
  }
}

export async function readStatus(services: Services, known: Known): Promise<Status> {
  const reader = await openStatus(services, known)
  return reader.read().finally(() => reader.close())
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

function totalsOf(tables: Tables, partitions: Status['partitions'], decided: readonly ('replayed' | 'discarded')[]): Status['totals'] {
  const ledgers = [...tables.ledgers.values()].filter(ledger => ledger.position !== null)
  const refused: Record<string, number> = {}
  for (const { deadLetters } of ledgers)
    for (const [code, n] of Object.entries(deadLetters)) refused[code] = (refused[code] ?? 0) + (n ?? 0)
  const discarded = decided.filter(state => state === 'discarded').length
  return {
    xapi: sum(partitions.map(p => p.end)),
    routeLag: sum(partitions.map(p => p.route.lag)),
    aggregateLag: sum(partitions.map(p => p.aggregate.lag)),
    sinkLag: sum(partitions.map(p => p.sink.lag)),
    events: sum(ledgers.flatMap(ledger => Object.values(ledger.events))),
    duplicates: sum(ledgers.map(ledger => ledger.duplicates)),
    deadLetters: sum(Object.values(refused)),
    refused,
    decided: { replayed: decided.length - discarded, discarded },
  }
}

function standing({ next }: CommittedPosition, ends: CommittedPosition['next']) {
  return { position: sum(Object.values(next)), lag: aggregateLag(next, ends) }
}

async function rolesOf(
  { log, naming, config }: Services,
  committed: Readonly<Record<GroupedRole, number>>,
  { routeLag, aggregateLag, sinkLag }: Status['totals'],
  now: number,
): Promise<readonly RoleStatus[]> {
  const lags: Readonly<Record<GroupedRole, number | null>> = { route: routeLag, aggregate: aggregateLag, sink: sinkLag, publish: null }
  return Promise.all(
    groupedRoles.map(async role => {
      const at = committed[role]
      const members = await log.members(groupName(role, naming))
      const owned = new Set(members.flatMap(member => member.partitions))
      return {
        role,
        members: members.length,
        tasks: owned.size,
        of: config.partitions,
        lag: lags[role],
        committedSeconds: at === 0 ? null : Math.max(0, (now - at) / 1000),
      }
    }),
  )
}

function backfillsOf({ runs }: Tables): Status['backfills'] {
  return [...runs]
    .sort(([, a], [, b]) => (a.startedAt < b.startedAt ? 1 : -1))
    .slice(0, 10)
    .map(([id, { state, counts, notTaken }]) => ({
      id,
      state,
      objects: counts.objects,
      lines: counts.lines,
      refused: sum(Object.values(counts.refused)),
      notTaken,
    }))
}

function followStatus(id: string, { request, newest, through, waiting, at }: FollowRecord, now: number): FollowStatus {
  const asked = JSON.parse(request) as Pick<FollowStatus, 'bucket' | 'sections' | 'prefixes' | 'categories' | 'queue'>
  const ageSeconds = Math.max(0, (now - Date.parse(at)) / 1000)
  return { id, ...asked, newest: newest?.key ?? null, newestAt: newest?.uploaded ?? null, through, waiting, ageSeconds }
}
