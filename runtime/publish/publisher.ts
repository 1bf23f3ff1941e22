import type { DatasetKind } from '../../schemas/dataset-kinds.js'
import { isTributaryError } from '../../schemas/errors.js'
import type { Manifest } from '../../schemas/manifest.js'
import { type Naming, topicName } from '../../schemas/topics.js'
import type { Format } from '../../sinks/format.js'
import { sameContent } from '../../sinks/manifest.js'
import type { Clock } from '../clock.js'
import type { Log, LogWriter } from '../log.js'
import { describe, type Logger } from '../logger.js'
import { saidOnce } from '../said-once.js'
import { type AppliedSpec, swappedKey } from '../spec-table.js'
import type { RoleReport } from '../state/role-report.js'
import { AppendTimes } from './append-times.js'
import { compose, joinedEverywhere, type Producer } from './compose.js'
import { openPublished, type Published, type PublishStore } from './published.js'
import type { Tables } from './tables.js'

export interface PublishDeps {
  readonly log: Log
  readonly writer: LogWriter
  readonly naming: Naming
  readonly partitions: number
  readonly tables: Tables
  readonly formats: ReadonlyMap<DatasetKind, Format>
  readonly target: PublishStore
  readonly producer: Producer
  readonly clock: Clock
  readonly logger: Logger
  readonly report: Pick<RoleReport, 'failed' | 'over'>
}

const pollMs = 200
const lookEveryMs = 250
/** Changed rows of several partitions within this share of the freshness come out in one manifest. */
const gatherShare = 0.1
/** Progress alone is told this often, or at once when somebody waits for it. */
const progressEveryMs = 60_000
const endsEveryMs = 1000

/** What this process has published last of a dataset that it owns. */
interface Owned {
  readonly published: Published
  /** Monotonic ms. */
  at: number
}

/**
 * Publishes the datasets whose keys lie in the owned partitions of `datasets`, until the signal.
 * A manifest is made of the tables alone, and the next number is written only when it was made of at least as much as the one before.
 */
export async function runPublisher(deps: PublishDeps, owned: ReadonlySet<number>, signal: AbortSignal): Promise<void> {
  const { tables, clock, logger } = deps
  const states = new Map<string, Owned>()
  const times = new AppendTimes()
  await tables.tail.catchUp()
  let looked = Number.NEGATIVE_INFINITY
  let asked = Number.NEGATIVE_INFINITY
  const said = saidOnce(logger, 'reading the tables')
  while (!signal.aborted) {
    try {
      await tables.tail.poll(pollMs)
      said.over()
    } catch (error) {
      if (!isTributaryError(error) || !error.retry) throw error
      // A table that stands still only delays: manifests of what the other partitions have go on.
      said.trouble(error)
      await clock.sleep(pollMs, signal)
    }
    // Under load something comes with every poll; a look at all datasets now and then is enough.
    const now = clock.monotonic()
    if (now - looked < lookEveryMs) continue
    looked = now
    if (now - asked >= endsEveryMs) {
      asked = now
      await askEnds(deps, times)
    }
    for (const [dataset, applied] of tables.specs.specs) {
      if (!owned.has(applied.partition)) {
        states.delete(dataset)
        deps.report.over(dataset)
        continue
      }
      try {
        let state = states.get(dataset)
        if (state === undefined) {
          state = { published: await openPublished(deps.target, dataset), at: Number.NEGATIVE_INFINITY }
          warnOfRules(deps, applied)
          states.set(dataset, state)
        }
        await publish(deps, dataset, applied, state, times)
        await state.published.tend()
        deps.report.over(dataset)
      } catch (error) {
        // One dataset's trouble must not hold up the others; what was last published is read anew.
        states.delete(dataset)
        deps.report.failed(dataset, describe(error))
        logger.warn({ dataset }, `publishing: ${describe(error)}`)
        await clock.sleep(1000, signal)
      }
    }
  }
}

/** Rows of one revision by two sets of rules are told apart by the file alone: who wants all by the newer ones has to say so. */
function warnOfRules({ formats, logger }: PublishDeps, { spec, rules }: AppliedSpec): void {
  const newer = formats.get(spec.kind)?.rules ?? rules
  if (newer > rules)
    logger.warn({ dataset: spec.id, rules, newer }, 'this release has newer rules: apply the spec again to make all rows anew')
}

/** The revision that is shown while its successor catches up: current as long as every partition still reads for it. */
function formerOf(tables: Tables, dataset: string, last: Manifest): AppliedSpec | null {
  const former = tables.specs.former.get(dataset)
  return former?.revision === last.revision && joinedEverywhere(tables, dataset, former.revision) ? former : null
}

/** In this order: what had been appended to `xapi` before a record of `dataset-files` that is read, lies below an end that is asked for then. */
async function askEnds({ log, naming, partitions, tables }: PublishDeps, times: AppendTimes): Promise<void> {
  const seen = [...tables.filesAt]
  const marks = await log.knownWatermarks(topicName('xapi', naming), [...Array(partitions).keys()])
  for (const [partition, { high }] of marks) if (seen[partition]! > 0) times.asked(partition, seen[partition]!, high)
}

async function publish(deps: PublishDeps, dataset: string, applied: AppliedSpec, state: Owned, times: AppendTimes): Promise<void> {
  const { tables, clock } = deps
  const last = state.published.newest
  const joined = joinedEverywhere(tables, dataset, applied.revision)
  // Beside a published revision the next one stays out of sight until it has caught up everywhere.
  const shown = joined || last === null || last.revision === applied.revision ? applied : formerOf(tables, dataset, last)
  if (shown === null) return
  const format = deps.formats.get(shown.spec.kind)
  if (format === undefined) return
  const next = compose(tables, deps.producer, {
    applied: shown,
    format,
    columns: format.render(shown.spec, (_host, name) => name).columns,
    version: state.published.next,
    last,
    nonce: clock.uuid(),
    now: clock.now(),
    times,
  })
  if (isDue(deps, state, last, next, shown.spec.freshness)) {
    if (last !== null && !mayFollow(next, last)) return
    if (await state.published.write(next)) state.at = clock.monotonic()
  }
  if (joined && state.published.newest?.revision === applied.revision && tables.specs.swapped.get(dataset) !== applied.revision)
    await tellSwap(deps, dataset, applied)
}

function isDue({ tables, clock }: PublishDeps, state: Owned, last: Manifest | null, next: Manifest, freshness: number): boolean {
  if (last === null) return true
  const since = clock.monotonic() - state.at
  if (!sameContent(last, next)) return since >= freshness * 1000 * gatherShare
  if (JSON.stringify(last.sections) !== JSON.stringify(next.sections)) return true
  if (JSON.stringify([last.positions, last.counts]) === JSON.stringify([next.positions, next.counts])) return false
  if (takesBack(last, next)) return true
  const waiter = tables.specs.waiters.get(next.dataset)
  if (waiter !== undefined && waiter.until > clock.monotonic() && !reaches(last, waiter.positions)) return true
  return since >= progressEveryMs
}

/** The log shows that a time was too late: nobody should read it for another minute. */
const takesBack = (last: Manifest, next: Manifest) =>
  last.completeThrough !== null && next.completeThrough !== null && next.completeThrough < last.completeThrough

/** True when the manifest covers these `xapi` offsets. */
export function reaches(manifest: Manifest, positions: readonly number[]): boolean {
  return manifest.positions.every(({ partition, xapi }) => xapi !== null && xapi >= (positions[partition] ?? 0))
}

/**
 * A later manifest never says less. Of the same `dataset-files` it has read at least as much, and where a sink had to leave the revision (it
 * has another pseudonym key) the dataset stays as it was until another one goes on with it. When the topics were made anew (`reset`) it stays
 * until everything that it was made from is in the new files; with another `xapi` there is nothing to wait for.
 */
export function mayFollow(next: Manifest, last: Manifest): boolean {
  if (last.log === undefined || last.log.files === next.log?.files)
    return notBehind(next, last) && (last.revision !== next.revision || coversAgain(next, last))
  return last.log.xapi !== next.log?.xapi || coversAgain(next, last)
}

function coversAgain(next: Manifest, last: Manifest): boolean {
  const before = last.positions.flatMap(({ partition, xapi }) => (xapi === null ? [] : [[partition, xapi] as const]))
  return before.every(([partition, xapi]) => (next.positions.find(each => each.partition === partition)?.xapi ?? -1) >= xapi)
}

/** A publisher that has read less than its predecessor would make the dataset go back. */
function notBehind(next: Manifest, last: Manifest): boolean {
  const noLess = (now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>) =>
    Object.entries(before).every(([place, folded]) => (now[place] ?? 0) >= folded)
  return noLess(next.folded, last.folded) && noLess(next.alsoFolded, last.alsoFolded)
}

async function tellSwap(deps: PublishDeps, dataset: string, { partition, revision }: AppliedSpec): Promise<void> {
  // Once a revision, so it may take its time: a publisher that slept finds that another one has told it already, or that a later one counts.
  await deps.tables.tail.catchUp()
  if (deps.tables.specs.swapped.get(dataset) === revision || deps.tables.specs.specs.get(dataset)?.revision !== revision) return
  const record = { key: Buffer.from(swappedKey(dataset)), value: Buffer.from(JSON.stringify({ revision })) }
  await deps.writer.send([{ topic: topicName('datasets', deps.naming), partition, records: [record] }])
  // Known at once, so that it is not told again before the record comes back.
  deps.tables.specs.onRecord({ ...record, offset: -1, timestamp: deps.clock.now(), headers: [] }, partition)
}
