import { scanLearnerKey } from '../../producers/learner-key-scan.js'
import { backfill } from '../../runtime/backfill/backfill.js'
import { applyDataset } from '../../runtime/datasets/apply.js'
import type { Services } from '../../runtime/services.js'

import { partitionOf } from '../../schemas/partition.js'
import { topicName } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
import { jsonl, torusKey } from '../driver/objects.js'
import { statements } from '../driver/statements.js'
import { Actor } from './actor.js'
import { type Cluster, config } from './cluster.js'

const facts = 32
const spoilt = ['{"spoilt":', '{"actor":1}']
const history = [...statements(0, 12), spoilt[0]!]
const live = statements(10, facts)
const bucket = 'history'
const heard = { planned: () => undefined, progress: () => undefined, note: () => undefined }

const apply = (services: Services, spec: Readonly<Record<string, unknown>>) =>
  applyDataset(services, topology.formats, { anonymize: 'ids', freshness: 1, ...spec }, { dryRun: false })

/** What people do while all this goes on: a history and live statements in an order of the seed's, some twice, some where they do not belong. */
export async function use(cluster: Cluster, changed: boolean): Promise<void> {
  const actor = new Actor('user', false)
  const services = cluster.services(actor)
  const { clock } = services
  await services.store.put(bucket, torusKey(1, 'attempt_evaluated', 0), jsonl(history), 'application/x-ndjson')
  await apply(services, { id: 'attempts', kind: 'attempt_evaluated' })
  await apply(services, { id: 'videos', kind: 'video' })
  const loaded = load(cluster)
  const lines = cluster.scheduler.random.shuffle([...live, ...live.filter(() => cluster.scheduler.random.below(6) === 0)])
  await tell(cluster, services, lines.slice(0, live.length / 2))
  await apply(services, { id: 'late', kind: 'video', sub_types: ['played'] })
  await clock.sleep(cluster.scheduler.random.below(1500))
  await tell(cluster, services, lines.slice(live.length / 2))
  await refuse(cluster, services)
  if (changed) await apply(services, { id: 'videos', kind: 'video', sub_types: ['paused', 'seeked'] })
  await clock.sleep(cluster.scheduler.random.below(1500))
  await loaded
}

async function tell({ scheduler }: Cluster, { log, naming, clock }: Services, lines: readonly string[]): Promise<void> {
  const { random } = scheduler
  const writer = await log.writer()
  const send = (partition: number, lines: readonly string[]) =>
    writer.send([{ topic: topicName('xapi', naming), partition, records: lines.map(line => ({ key: null, value: Buffer.from(line) })) }])
  for (let at = 0; at < lines.length; ) {
    const some = lines.slice(at, at + 1 + random.below(6))
    at += some.length
    for (let partition = 0; partition < config.partitions; partition++) {
      const strays = random.below(8) === 0
      const here = some.filter(line => (homeOf(line) === partition) !== strays)
      // Strays are told where they belong too: each of their facts comes twice.
      if (here.length > 0) await send(partition, here)
      const home = strays ? some.filter(line => homeOf(line) === partition) : []
      if (home.length > 0) await send(partition, home)
    }
    await clock.sleep(random.below(250))
  }
  await writer.close()
}

/** A line that nobody can read, wherever it goes. */
async function refuse({ scheduler }: Cluster, { log, naming }: Services): Promise<void> {
  const writer = await log.writer()
  const partition = scheduler.random.below(config.partitions)
  await writer.send([{ topic: topicName('xapi', naming), partition, records: [{ key: null, value: Buffer.from(spoilt[1]!) }] }])
  await writer.close()
}

const homeOf = (line: string) => partitionOf(Buffer.from(scanLearnerKey(Buffer.from(line))!), config.partitions)

/** The backfill breaks, is killed, or ends without its seal: a person gives it again until it says that it is done. */
async function load(cluster: Cluster): Promise<void> {
  for (let run = 0; ; run++) {
    const actor = new Actor(`backfill.${run}`, true)
    const services = cluster.services(actor)
    const killed = new Promise<null>(resolve => cluster.onCrash(actor, () => resolve(null)))
    const request = { bucket, sections: [], prefix: '', categories: [], since: null, until: null, limitRate: null, again: false }
    const fault = (point: string) => cluster.scheduler.step(actor, `fault ${point}`)
    const working = backfill(services, topology.sources, request, { wait: false, fault }, heard, actor.stop.signal)
    const sum = await Promise.race([working.catch(() => null), killed])
    if (sum?.sealed) return
    await cluster.scheduler.clock(cluster.harness).sleep(500)
  }
}
