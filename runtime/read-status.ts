import type { FollowRecord } from '../schemas/sources.js'
import { topicName } from '../schemas/topics.js'
import { listDatasets } from './datasets/read.js'
import { openTables } from './publish/tables.js'
import { openCodec } from './registry/codec.js'
import { routePositions } from './route/route-positions.js'
import type { Services } from './services.js'
import type { FollowStatus, Status } from './status.js'
import { requireTopics } from './topics-admin.js'

/** All from Kafka and S3: it works when no process runs, and says the same from everywhere. */
export async function readStatus(services: Services): Promise<Status> {
  await requireTopics(services)
  const { log, naming, config } = services
  const tables = openTables(services, await openCodec(services.registry, naming))
  try {
    await tables.tail.catchUp()
    const positions = await routePositions(log, naming, config.partitions)
    const marks = await log.watermarks(topicName('xapi', naming), [...Array(config.partitions).keys()])
    const partitions = positions.map((position, partition) => {
      const end = marks.get(partition)!.high
      const covered = tables.sinks[partition]!.live.xapi
      return {
        partition,
        end,
        route: { position, lag: Math.max(0, end - position) },
        sink: { position: covered, lag: Math.max(0, end - covered) },
      }
    })
    const totals = [...tables.ledgers.values()].filter(ledger => ledger.position !== null)
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
    return {
      partitions,
      totals: {
        xapi: sum(partitions.map(p => p.end)),
        routeLag: sum(partitions.map(p => p.route.lag)),
        sinkLag: sum(partitions.map(p => p.sink.lag)),
        events: sum(totals.flatMap(ledger => Object.values(ledger.events))),
        duplicates: sum(totals.map(ledger => ledger.duplicates)),
        deadLetters: sum(totals.flatMap(ledger => Object.values(ledger.deadLetters))),
      },
      datasets: await listDatasets(services),
      backfills: [...tables.runs]
        .sort(([, a], [, b]) => (a.startedAt < b.startedAt ? 1 : -1))
        .slice(0, 10)
        .map(([id, run]) => ({ id, state: run.state, objects: run.counts.objects })),
      follows: [...tables.follows].map(([id, record]) => followStatus(id, record, services.clock.now())),
    }
  } finally {
    await tables.tail.close()
  }
}

function followStatus(id: string, { request, newest, through, waiting, at }: FollowRecord, now: number): FollowStatus {
  const asked = JSON.parse(request) as Pick<FollowStatus, 'bucket' | 'sections' | 'prefixes' | 'categories' | 'queue'>
  const ageSeconds = Math.max(0, (now - Date.parse(at)) / 1000)
  return { id, ...asked, newest: newest?.key ?? null, newestAt: newest?.uploaded ?? null, through, waiting, ageSeconds }
}
