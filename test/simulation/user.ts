import { backfill } from '../../runtime/backfill/backfill.js'
import { applyDataset } from '../../runtime/datasets/apply.js'
import type { Services } from '../../runtime/services.js'
import { topicName } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
import { eventMessage } from '../driver/event-message.js'
import { deleteDataset } from '../driver/garbage.js'
import { jsonl, namedNow, torusKey } from '../driver/objects.js'
import { statements as statementsOf } from '../driver/statements.js'
import { Actor } from './actor.js'
import { type Cluster, config } from './cluster.js'
import type { FollowBy, Processes } from './processes.js'
import { followed } from './sim-follow.js'
import { homeOf } from './watch-route.js'

const facts = 32
/** A few learners, each with several sessions; what comes late joins some of them. */
const origin = { learners: 10, secondOf: (n: number) => 170 * n + 60 * ((n * n) % 11) }
const statements = (from: number, to: number) => statementsOf(from, to, origin)
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
/** Below what is followed, where somebody follows. */
const uploads = [
  statements(facts + 4, facts + 7),
  [...statements(0, 2), spoilt[0], ...statements(facts + 7, facts + 9)],
  statements(facts + 9, facts + 12),
]
const { bucket } = followed
/** After so long a person gives the command again, whatever became of the first. */
const patienceMs = 4000

const heard = { planned: () => undefined, progress: () => undefined, note: () => undefined }

const apply = (services: Services, spec: Readonly<Record<string, unknown>>) =>
  applyDataset(services, topology.formats, { anonymize: 'ids', freshness: 1, ...spec }, { dryRun: false })

interface Use {
  /** A dataset's spec is changed on the way. */
  readonly changed: boolean
  readonly follow: FollowBy
}

/** What people do while all this goes on: histories, and live statements in an order of the seed's, some twice, some where they do not belong. */
export async function use(cluster: Cluster, processes: Processes, { changed, follow }: Use): Promise<void> {
  const { random } = cluster.scheduler
  const services = cluster.services(new Actor('user', false))
  const { clock } = services
  await apply(services, { id: 'attempts', kind: 'attempt_evaluated', section_ids: [1], chunk_size: 3 })
  // Its rows are open while the others are flushed.
  await apply(services, { id: 'videos', kind: 'video', chunk_size: 3, freshness: 12 })
  await apply(services, { id: 'learners', kind: 'learners', section_ids: [1] })
  // Where no spec is changed, a dataset is deleted.
  if (!changed) await apply(services, { id: 'brief', kind: 'sessions' })
  const loaded = loadAll(cluster, processes, services)
  const uploaded = follow === null ? null : upload(cluster, services)
  const lines = random.shuffle([...live, ...live.filter(() => random.below(6) === 0)])
  await tell(cluster, services, lines.slice(0, live.length / 2))
  await apply(services, { id: 'late', kind: 'video', chunk_size: 3, sub_types: ['played'] })
  await clock.sleep(random.below(1500))
  if (!changed) await deleteDataset({ services }, 'brief')
  await tell(cluster, services, lines.slice(live.length / 2))
  // Of a table that was read before, and perhaps not put away yet.
  await apply(services, { id: 'sessions', kind: 'sessions' })
  await send(services, random.below(config.partitions), [spoilt[1]])
  if (changed) {
    await apply(services, { id: 'videos', kind: 'video', chunk_size: 3, sub_types: ['paused', 'seeked'] })
    await apply(services, { id: 'learners', kind: 'learners', exclude_fields: ['host'], ignored_student_ids: [3] })
  }
  await clock.sleep(random.below(1500))
  await loaded
  await uploaded
}

/** New objects below what is followed, one after the other; resolves when all are read. */
async function upload({ watch, queue, scheduler }: Cluster, { store, clock }: Services): Promise<void> {
  const keys: string[] = []
  for (const [i, lines] of uploads.entries()) {
    await clock.sleep(1500 + scheduler.random.below(1000))
    const [named] = namedNow([{ key: torusKey(followed.section, followed.category, i), body: jsonl(lines) }], clock.now())
    await store.put(bucket, named!.key, named!.body, 'application/x-ndjson')
    queue.send(eventMessage(bucket, [named!.key]))
    keys.push(`${bucket}/${named!.key}`)
  }
  while (!keys.every(key => watch.sources.objects.has(key)) || (queue.delivered > 0 && queue.bodies.length > 0)) await clock.sleep(200)
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
    const options = { wait: null, fault: processes.faultOf(actor) }
    const working = backfill(cluster.services(actor), topology.sources, request, options, heard, actor.stop.signal).catch(() => null)
    const ended = Promise.race([working, died])
    running.push(ended)
    const sum = await Promise.race([ended, clock.sleep(patienceMs)])
    if (sum?.sealed) break
    await clock.sleep(500)
  }
  await Promise.all(running)
}
