import { decodeDecision } from '../schemas/letter-decision.js'
import type { FollowRecord } from '../schemas/sources.js'
import { groupName, topicName } from '../schemas/topics.js'
import { listDatasets } from './datasets/read.js'
import { openTables, type Tables } from './publish/tables.js'
import { openCodec } from './registry/codec.js'
import type { Services } from './services.js'
import type { DatasetStatus, FollowStatus, RoleStatus, Status } from './status.js'
import { makeTail } from './tail.js'
import { requireTopics } from './topics-admin.js'

/** Reads it again and again: only what is new is read from Kafka. */
export interface StatusReader {
  read(): Promise<Status>
  close(): Promise<void>
}

/** All from Kafka and S3: it works when no process runs, and says the same from everywhere. */
export async function openStatus(services: Services): Promise<StatusReader> {
  await requireTopics(services)
  const { log, naming, config, clock } = services
  const tables = openTables(services, await openCodec(services.registry, naming))
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
      const now = clock.now()
      const partitions = tables.sinks.map(({ live }, partition) => {
        const end = marks.get(partition)!.high
        const position = tables.ledgers.get(String(partition))?.position?.next ?? 0
        return {
          partition,
          end,
          route: { position, lag: Math.max(0, end - position) },
          sink: { position: live.xapi, lag: Math.max(0, end - live.xapi) },
        }
      })
      const datasets = await listDatasets(services)
      const totals = totalsOf(tables, partitions, [...decided.values()])
      return {
        at: new Date(now).toISOString(),
        roles: await rolesOf(services, tables, { route: totals.routeLag, sink: totals.sinkLag }, datasets, now),
        partitions,
        totals,
        datasets,
        backfills: backfillsOf(tables),
        follows: [...tables.follows].map(([id, record]) => followStatus(id, record, now)),
      }
    },
    async close() {
      await Promise.all([tables.tail.close(), decisions.close()])
    },
  }
}

export async function readStatus(services: Services): Promise<Status> {
  const reader = await openStatus(services)
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
    sinkLag: sum(partitions.map(p => p.sink.lag)),
    events: sum(ledgers.flatMap(ledger => Object.values(ledger.events))),
    duplicates: sum(ledgers.map(ledger => ledger.duplicates)),
    deadLetters: sum(Object.values(refused)),
    refused,
    decided: { replayed: decided.length - discarded, discarded },
  }
}

async function rolesOf(
  { log, naming, config }: Services,
  tables: Tables,
  lags: { readonly route: number; readonly sink: number },
  datasets: readonly DatasetStatus[],
  now: number,
): Promise<readonly RoleStatus[]> {
  const published = Math.max(0, ...datasets.map(({ updatedAt }) => (updatedAt === null ? 0 : Date.parse(updatedAt))))
  const known = [
    { role: 'route', lag: lags.route, at: tables.committedAt.route },
    { role: 'sink', lag: lags.sink, at: tables.committedAt.sink },
    { role: 'publish', lag: null, at: published },
  ] as const
  return Promise.all(
    known.map(async ({ role, lag, at }) => {
      const members = await log.members(groupName(role, naming))
      const owned = new Set(members.flatMap(member => member.partitions))
      return {
        role,
        members: members.length,
        tasks: owned.size,
        of: config.partitions,
        lag,
        committedSeconds: at === 0 ? null : Math.max(0, (now - at) / 1000),
      }
    }),
  )
}

function backfillsOf({ runs }: Tables): Status['backfills'] {
  return [...runs]
    .sort(([, a], [, b]) => (a.startedAt < b.startedAt ? 1 : -1))
    .slice(0, 10)
    .map(([id, { state, counts }]) => ({
      id,
      state,
      objects: counts.objects,
      lines: counts.lines,
      refused: sum(Object.values(counts.refused)),
    }))
}

function followStatus(id: string, { request, newest, through, waiting, at }: FollowRecord, now: number): FollowStatus {
  const asked = JSON.parse(request) as Pick<FollowStatus, 'bucket' | 'sections' | 'prefixes' | 'categories' | 'queue'>
  const ageSeconds = Math.max(0, (now - Date.parse(at)) / 1000)
  return { id, ...asked, newest: newest?.key ?? null, newestAt: newest?.uploaded ?? null, through, waiting, ageSeconds }
}
