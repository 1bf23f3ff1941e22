import { backfill } from '../../runtime/backfill/backfill.js'
import { applyDataset } from '../../runtime/datasets/apply.js'
import type { Services } from '../../runtime/services.js'
import { topicName } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
import { jsonl, torusKey } from '../driver/objects.js'
import { statements } from '../driver/statements.js'
import { Actor } from './actor.js'
import { type Cluster, config } from './cluster.js'
import type { Processes } from './processes.js'
import { homeOf } from './watch-route.js'

const facts = 32
const spoilt = ['{"spoilt":', '{"actor":1}'] as const
const tooLong = `{"long":"${'x'.repeat(config.maxStatementBytes)}"}`
/** Two histories, one after the other: the second has new facts, and such as were told live long before. */
const histories = [
  {
    category: 'attempt_evaluated',
    objects: [
      [...statements(0, 7), spoilt[0]],
      [...statements(5, 12), tooLong],
    ],
  },
  { category: 'page_viewed', objects: [statements(12, 15), statements(facts, facts + 4)] },
] as const
const live = statements(10, facts)
const bucket = 'history'
/** After so long a person gives the command again, whatever became of the first. */
const patienceMs = 4000

const heard = { planned: () => undefined, progress: () => undefined, note: () => undefined }

const apply = (services: Services, spec: Readonly<Record<string, unknown>>) =>
  applyDataset(services, topology.formats, { anonymize: 'ids', freshness: 1, ...spec }, { dryRun: false })

/** What people do while all this goes on: histories, and live statements in an order of the seed's, some twice, some where they do not belong. */
export async function use(cluster: Cluster, processes: Processes, changed: boolean): Promise<void> {
  const { random } = cluster.scheduler
  const services = cluster.services(new Actor('user', false))
  const { clock } = services
  await apply(services, { id: 'attempts', kind: 'attempt_evaluated', section_ids: [1] })
  await apply(services, { id: 'videos', kind: 'video', chunk_size: 4 })
  const loaded = loadAll(cluster, processes, services)
  const lines = random.shuffle([...live, ...live.filter(() => random.below(6) === 0)])
  await tell(cluster, services, lines.slice(0, live.length / 2))
  await apply(services, { id: 'late', kind: 'video', sub_types: ['played'] })
  await clock.sleep(random.below(1500))
  await tell(cluster, services, lines.slice(live.length / 2))
  await send(services, random.below(config.partitions), [spoilt[1]])
  if (changed) await apply(services, { id: 'videos', kind: 'video', chunk_size: 4, sub_types: ['paused', 'seeked'] })
  await clock.sleep(random.below(1500))
  await loaded
}

/** Whoever tells them gives no key and chooses the partition. */
async function send({ log, naming }: Services, partition: number, lines: readonly string[]): Promise<void> {
  const writer = await log.writer()
  await writer.send([
    { topic: topicName('xapi', naming), partition, records: lines.map(line => ({ key: null, value: Buffer.from(line) })) },
  ])
  await writer.close()
}

async function tell({ scheduler }: Cluster, services: Services, lines: readonly string[]): Promise<void> {
  const { random } = scheduler
  const isAt = (partition: number) => (line: string) => homeOf(line, config.partitions) === partition
  for (let at = 0; at < lines.length; ) {
    const some = lines.slice(at, at + 1 + random.below(6))
    at += some.length
    for (let partition = 0; partition < config.partitions; partition++) {
      const own = some.filter(isAt(partition))
      const strays = random.below(8) === 0 ? some.filter(line => !isAt(partition)(line)) : []
      // Strays are told where they belong too: each of their facts comes twice.
      for (const here of [strays, own]) if (here.length > 0) await send(services, partition, here)
    }
    await services.clock.sleep(random.below(250))
  }
}

async function loadAll(cluster: Cluster, processes: Processes, services: Services): Promise<void> {
  const { seals } = cluster.watch
  for (const { category, objects } of histories) {
    for (const [i, lines] of objects.entries())
      await services.store.put(bucket, torusKey(1, category, i), jsonl(lines), 'application/x-ndjson')
    seals.lines = [...seals.lines, ...objects.flat()]
    await load(cluster, processes, `section/1/${category}/`)
  }
}

/** The backfill breaks, is killed, hangs, or ends without its seal: a person gives it again until it says that it is done. */
async function load(cluster: Cluster, processes: Processes, prefix: string): Promise<void> {
  const { clock } = cluster.services(new Actor('person', false))
  const running: Promise<unknown>[] = []
  for (let run = 0; ; run++) {
    if (run > 0) cluster.tally.backfillGivenAgain++
    const actor = new Actor(`backfill.${prefix}.${run}`, true)
    const died = new Promise<null>(resolve => processes.onDeath(actor, () => resolve(null)))
    const request = { bucket, sections: [], prefix, categories: [], since: null, until: null, limitRate: null, again: false }
    const options = { wait: false, fault: processes.faultOf(actor) }
    const working = backfill(cluster.services(actor), topology.sources, request, options, heard, actor.stop.signal).catch(() => null)
    const ended = Promise.race([working, died])
    running.push(ended)
    const sum = await Promise.race([ended, clock.sleep(patienceMs)])
    if (sum?.sealed) break
    await clock.sleep(500)
  }
  await Promise.all(running)
}
