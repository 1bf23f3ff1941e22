import type { Aggregate } from '../processors/aggregate.js'
import type { Source } from '../producers/source.js'
import { decodeDecision } from '../schemas/letter-decision.js'
import { topicName } from '../schemas/topics.js'
import { aggregatePositions, type CommittedPosition } from './aggregate/aggregate-positions.js'
import { type Answer, askInTime } from './asked.js'
import { statusOfAll, unreadDatasets } from './datasets/read.js'
import { openTables } from './publish/tables.js'
import { type Codec, openCodec } from './registry/codec.js'
import { readRoutePositions } from './route/route-positions.js'
import type { Services } from './services.js'
import type { Status } from './status.js'
import { backfillsOf, type Decided, followStatus, partitionsOf, totalsOf } from './status-parts.js'
import { rolesOf } from './status-roles.js'
import { makeTail } from './tail.js'
import { requireTopics } from './topics-admin.js'

export interface Known {
  readonly aggregates: readonly Aggregate[]
  readonly sources: readonly Source[]
}

/** Reads it again and again: only what is new is read from Kafka. */
export interface StatusReader {
  read(): Promise<Status>
  close(): Promise<void>
}

/** A server that is there has answered long before. */
const limitMs = 3_000

/**
 * All from Kafka and S3: it works when no process runs, and says the same from everywhere. What a server that is away keeps from being known is
 * left out, and named.
 */
export async function openStatus(services: Services, { aggregates, sources }: Known): Promise<StatusReader> {
  await requireTopics(services)
  const { log, naming, config, clock } = services
  const reader = log.reader()
  const decided: Decided = new Map()
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
  let codec: Codec | null = null
  let tables = openTables(services, codec)
  const openSchemas = askInTime(clock, limitMs, () => openCodec(services.registry, naming))
  const manifests = askInTime(clock, limitMs, () => statusOfAll(services, tables.specs.specs))
  const routeSeen = askInTime(clock, limitMs, () => readRoutePositions(log, reader, naming, config.partitions))
  const standings = askInTime(clock, limitMs, () =>
    Promise.all(
      aggregates.map(async aggregate => ({
        name: aggregate.name,
        positions: await aggregatePositions(log, reader, codec, { naming, partitions: config.partitions }, aggregate),
      })),
    ),
  )

  /** The ledgers are Avro: they join the other tables when the registry is there. */
  async function openLedgers(): Promise<Answer<unknown>> {
    if (codec !== null) return { value: null }
    const opened = await openSchemas()
    if ('why' in opened) return opened
    const before = tables
    codec = opened.value
    tables = openTables(services, codec)
    await before.tail.close()
    return opened
  }

  return {
    async read() {
      const unknown: { server: 'kafka' | 'registry' | 's3'; why: string }[] = []
      const known = <T>(server: (typeof unknown)[number]['server'], answer: Answer<T>): T | undefined => {
        if ('value' in answer) return answer.value
        unknown.push({ server, why: answer.why })
        return undefined
      }
      known('registry', await openLedgers())
      // The ends first: whatever lay before them then is done or counts as lag.
      const marks = await log.knownWatermarks(topicName('xapi', naming), [...Array(config.partitions).keys()])
      const away = new Set((await Promise.all([tables.tail.catchUpKnown(), decisions.catchUpKnown()])).flat())
      for (let p = 0; p < config.partitions; p++) if (!marks.has(p)) away.add(`${topicName('xapi', naming)}/${p}`)
      if (away.size > 0) unknown.push({ server: 'kafka', why: `no broker leads ${[...away].sort().join(', ')}` })
      // After the ledger, of which they can only be behind.
      const states = known('kafka', await standings())
      const hasLedgers = codec !== null
      const routed = hasLedgers ? undefined : known('kafka', await routeSeen())
      const datasets = known('s3', await manifests())
      const now = clock.now()
      const isThere = (topic: 'dataset-files' | 'route-ledger', partition: number) => !away.has(`${topicName(topic, naming)}/${partition}`)
      const partitions = partitionsOf({ tables, marks, states, routed, isThere, hasLedgers })
      const totals = totalsOf(hasLedgers ? tables : null, partitions, decided)
      const { committedAt } = tables
      const committed = {
        route: hasLedgers ? committedAt.route : undefined,
        aggregate: states && newestOf(states.flatMap(({ positions }) => positions)),
        sink: committedAt.sink,
        publish: datasets && Math.max(0, ...datasets.map(({ updatedAt }) => (updatedAt ? Date.parse(updatedAt) : 0))),
      }
      const roles = await rolesOf(services, sources, committed, totals, now)
      for (const { why } of roles) if (why !== null) unknown.push({ server: 'kafka', why })
      return {
        at: new Date(now).toISOString(),
        unknown,
        roles: roles.map(({ role }) => role),
        partitions,
        totals,
        datasets: datasets ?? unreadDatasets(tables.specs.specs),
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

const newestOf = (positions: readonly (CommittedPosition | null)[]) => Math.max(0, ...positions.map(position => position?.at ?? 0))
