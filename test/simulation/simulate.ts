import { revisionKey } from '../../runtime/sink/sink-records.js'
import { Cluster, config } from './cluster.js'
import { type Faults, noFaults, type Tally } from './faults.js'
import { type Outcome, outcomeOf } from './outcome.js'
import { type FollowBy, Processes } from './processes.js'
import type { Scheduler } from './scheduler.js'
import { use } from './user.js'
import { tableOf } from './watch-tables.js'

export interface Run {
  readonly outcome: Outcome
  readonly hash: number
  readonly picks: number
  readonly virtualMs: number
  readonly tally: Tally
}

export interface SimulationOptions {
  /** Made once the world stands, before anybody does anything in it. */
  readonly faults: (scheduler: Scheduler, tally: Tally) => Faults
  /** A dataset's spec is changed on the way. */
  readonly changed: boolean
  /** Default: nobody follows. */
  readonly follow?: FollowBy
  /** Default: the seed's choice. */
  readonly pieceBytes?: number
  readonly traced?: boolean
}

export const inPeace = () => noFaults

/** All must come to rest long before. */
const mostPicks = 20_000

/** One seed: the real loops until everything that was told is published. Throws, with the seed, at the first breach of an invariant. */
export async function simulate(seed: number, options: SimulationOptions): Promise<Run> {
  const { faults: makeFaults, changed, follow = null, traced = false } = options
  const cluster: Cluster = await Cluster.open(seed, traced, (actor, label) => faults.decide(scheduler, actor, label, processes))
  const { scheduler, tally } = cluster
  const processes = new Processes(cluster)
  const faults = makeFaults(scheduler, tally)
  cluster.broker.transactions.passOver = partitions => faults.passOver?.(partitions) ?? []
  const began = scheduler.now
  try {
    const { pieceBytes = scheduler.random.pick([200, 4000, config.pieceBytes]) } = options
    // Of some seeds a fetch ends within a transaction.
    const fetchBytes = scheduler.random.pick([config.fetchBytes, config.fetchBytes, config.fetchBytes, 400])
    // With small ones datasets are flushed one by one, and take turns.
    const openBytes = pieceBytes === config.pieceBytes ? config.openBytes : pieceBytes
    const world = { sizes: { pieceBytes, openBytes, fetchBytes }, follow }
    processes.instance('a', world)
    scheduler.after(scheduler.random.below(3000), 'b is started', () => processes.instance('b', world))
    await driven(cluster, use(cluster, processes, { changed, follow }))
    processes.calm(faults)
    while (unsettled(cluster) !== null) await untilNews(cluster)
    const { picks, traceHash: hash } = scheduler
    tally.transactionTimedOut = cluster.broker.transactions.timedOut
    return { outcome: await outcomeOf(cluster), hash, picks, virtualMs: scheduler.now - began, tally }
  } catch (error) {
    const trace = scheduler.trace === null ? `SIM_SEED=${seed} shows its steps` : scheduler.trace.join('\n')
    throw new Error(`seed ${seed}, step ${scheduler.picks}: ${(error as Error).stack}\n${JSON.stringify(tally)}\n${trace}`)
  } finally {
    cluster.close()
    await new Promise(setImmediate)
  }
}

async function driven(cluster: Cluster, work: Promise<void>): Promise<void> {
  let done = false
  let failed: unknown = null
  work.then(
    () => {
      done = true
    },
    error => {
      failed = error
    },
  )
  await new Promise(setImmediate)
  while (!done) {
    if (failed !== null) throw failed
    await next(cluster)
  }
}

/** One step, and the invariants after it. False = nothing was written. */
async function next(cluster: Cluster): Promise<boolean> {
  const { scheduler, watch } = cluster
  if (scheduler.picks > mostPicks) throw new Error(`it does not come to rest: ${unsettled(cluster)}`)
  await scheduler.next()
  return watch.look()
}

async function untilNews(cluster: Cluster): Promise<void> {
  let news = false
  while (!news) news = await next(cluster)
}

/** What is not as it must be in the end; null = nothing. */
function unsettled({ watch }: Cluster): string | null {
  const { route, states, sinks, manifests } = watch
  for (let p = 0; p < config.partitions; p++) {
    const end = watch.end('xapi', p)
    if (route.positions[p]! < end) return `route is at ${route.positions[p]} of ${end} in ${p}`
    const { live } = sinks.records[p]!
    if (live.xapi < end) return `the sink has covered ${live.xapi} of ${end} in ${p}`
    if (live.waiting !== undefined) return `rows of ${Object.keys(live.waiting)} in ${p} are open`
  }
  const left = watch.leftOpen()
  if (left !== undefined) return `a transaction was left open in ${left}`
  const behind = states.behind()
  if (behind !== null) return behind
  const others = sinks.others(new Set(Array.from(watch.specs.specs, ([dataset, { revision }]) => revisionKey(dataset, revision))))
  if (others.length > 0) return `files of ${others} are listed`
  for (const [dataset, { revision, spec }] of watch.specs.specs) {
    const table = tableOf[spec.kind]
    if (table !== undefined)
      for (let p = 0; p < config.partitions; p++) {
        const [end, { live }] = [watch.end('xapi', p), sinks.records[p]!]
        if ((live.tables?.[table]?.xapi ?? 0) < end) return `${dataset} has covered ${live.tables?.[table]?.xapi} of ${end} in ${p}`
      }
    if (!sinks.records.every(({ live }) => live.joined[dataset]?.join() === String(revision))) return `${dataset} has not joined`
    const newest = manifests.newest.get(dataset)
    if (newest?.revision !== revision) return `${dataset}: revision ${revision} is not published`
    if (manifests.shown.get(dataset) !== newest.version) return `${dataset}: manifest.json is not number ${newest.version}`
    const listed = newest.files.map(file => file.key).sort()
    if (listed.join() !== sinks.files(dataset, revision).sort().join()) return `${dataset}: the manifest lists other files`
  }
  return null
}
