import { Cluster, config } from './cluster.js'
import { use } from './user.js'

export interface Outcome {
  /** Rows per dataset, line by line, sorted: what counts as equal. */
  readonly rows: Readonly<Record<string, readonly string[]>>
  readonly letters: readonly string[]
  readonly events: number
}

export interface Run {
  readonly outcome: Outcome
  readonly hash: string
  readonly picks: number
  readonly virtualMs: number
  readonly faults: Readonly<Record<string, number>>
}

export interface SimulationOptions {
  readonly faults: boolean
  /** A dataset's spec is changed on the way. */
  readonly changed: boolean
  readonly traced?: boolean
}

/** All must come to rest long before. */
const mostPicks = 20_000

/** One seed: the real loops until everything that was told is published. Throws, with the seed, at the first breach of an invariant. */
export async function simulate(seed: number, { faults, changed, traced = false }: SimulationOptions): Promise<Run> {
  const cluster = new Cluster(seed, traced)
  const { scheduler } = cluster
  const began = scheduler.now
  try {
    await driven(cluster, cluster.open())
    if (faults) cluster.faults.begin(scheduler)
    const pieceBytes = scheduler.random.pick([200, 4000, config.pieceBytes])
    cluster.instance('a', pieceBytes)
    cluster.after(scheduler.random.below(3000), () => cluster.instance('b', pieceBytes))
    await driven(cluster, use(cluster, changed))
    cluster.calm()
    while (!isSettled(cluster)) await next(cluster)
  } catch (error) {
    const trace = scheduler.trace === null ? `SIM_SEED=${seed} shows its steps` : scheduler.trace.join('\n')
    throw new Error(`seed ${seed}, step ${scheduler.picks}: ${(error as Error).stack}\n${JSON.stringify(cluster.faults.counts)}\n${trace}`)
  }
  const { picks, traceHash: hash } = scheduler
  return { outcome: outcomeOf(cluster), hash, picks, virtualMs: scheduler.now - began, faults: cluster.faults.counts }
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

async function next(cluster: Cluster): Promise<void> {
  const { scheduler } = cluster
  if (scheduler.picks > mostPicks) throw new Error(`it does not come to rest: ${unsettled(cluster)}`)
  await scheduler.next()
  cluster.look()
}

const isSettled = (cluster: Cluster) => unsettled(cluster) === null

/** What is not as it must be in the end; null = nothing. */
function unsettled({ log, manifests }: Cluster): string | null {
  for (let p = 0; p < config.partitions; p++) {
    const end = log.end('xapi', p)
    if (log.positions[p]! < end) return `route is at ${log.positions[p]} of ${end} in ${p}`
    if (log.sinks[p]!.live.xapi < end) return `the sink has covered ${log.sinks[p]!.live.xapi} of ${end} in ${p}`
  }
  for (const [dataset, { revision }] of log.specs.specs) {
    if (!log.sinks.every(({ live }) => live.joined[dataset] === revision)) return `${dataset} has not joined`
    const newest = manifests.newest.get(dataset)
    if (newest?.revision !== revision) return `${dataset}: revision ${revision} is not published`
    if (manifests.shown.get(dataset) !== newest.version) return `${dataset}: manifest.json is not number ${newest.version}`
    const keys = (files: readonly { readonly key: string }[]) =>
      files
        .map(file => file.key)
        .sort()
        .join()
    if (keys(newest.files) !== keys(log.files(dataset, revision))) return `${dataset}: the manifest lists other files`
  }
  return null
}

function outcomeOf({ log, manifests, objects }: Cluster): Outcome {
  const rows: Record<string, string[]> = {}
  for (const [dataset, manifest] of [...manifests.newest].sort(([a], [b]) => (a < b ? -1 : 1)))
    rows[dataset] = manifest.files.flatMap(file => objects.get(file.key)!.toString().trimEnd().split('\n').slice(1)).sort()
  return { rows, letters: log.letters.map(({ code, value }) => `${code} ${value}`).sort(), events: log.events }
}
