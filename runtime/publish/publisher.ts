import { isJoined } from '../../schemas/dataset-files.js'
import type { DatasetKind } from '../../schemas/dataset-kinds.js'
import { isTributaryError } from '../../schemas/errors.js'
import type { Manifest } from '../../schemas/manifest.js'
import { type Naming, topicName } from '../../schemas/topics.js'
import { type Format, isSnapshot } from '../../sinks/format.js'
import { sameContent } from '../../sinks/manifest.js'
import { type KnownLists, packManifest } from '../../sinks/manifest-lists.js'
import type { Clock } from '../clock.js'
import type { Log, LogWriter } from '../log.js'
import { describe, type Logger } from '../logger.js'
import { saidOnce } from '../said-once.js'
import { revisionKey, type SinkRecords } from '../sink/sink-records.js'
import { type AppliedSpec, swappedOut } from '../spec-table.js'
import type { RoleReport } from '../state/role-report.js'
import { AppendTimes } from './append-times.js'
import { compose, joinedEverywhere, type KnownFiles, type Producer, reachOf, stops } from './compose.js'
import { isDue, type Marks, type Waiting } from './due.js'
import { PassedRuns } from './passed-runs.js'
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
  readonly mostInline: number | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly report: Pick<RoleReport, 'failed' | 'over'>
}

const pollMs = 200
const lookEveryMs = 250
const endsEveryMs = 1000

/** What this process has published last of a dataset that it owns. */
interface Owned {
  readonly published: Published
  /** When this process has written a number, monotonic ms. */
  at: number
  /** What the last composed manifest was made of, and the newest number then. */
  seen: { readonly marks: Marks; readonly newest: Manifest | null } | null
  readonly lists: KnownLists
}

/** What all datasets of a publisher share. */
interface Shared {
  readonly times: AppendTimes
  /** By what their files follow. */
  readonly passed: Map<string, PassedRuns>
  readonly known: KnownFiles
}

/**
 * Publishes the datasets whose keys lie in the owned partitions of `datasets`, until the signal.
 * A manifest is made of the tables alone, and the next number is written only when it was made of at least as much as the one before.
 */
export async function runPublisher(deps: PublishDeps, owned: ReadonlySet<number>, signal: AbortSignal): Promise<void> {
  const { tables, clock, logger } = deps
  const states = new Map<string, Owned>()
  const shared: Shared = { times: new AppendTimes(), passed: new Map(), known: { listed: new WeakMap(), files: new WeakMap() } }
  let looked = Number.NEGATIVE_INFINITY
  let asked = { at: Number.NEGATIVE_INFINITY, seen: '' }
  const said = saidOnce(logger, 'reading the tables')
  /** What was read stays: after trouble the tables are read on from where they are. False = there was trouble. */
  const tried = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work()
      said.over()
      return true
    } catch (error) {
      if (!isTributaryError(error) || !error.retry) throw error
      said.trouble(error)
      await clock.sleep(pollMs, signal)
      return false
    }
  }
  while (!(await tried(() => tables.tail.catchUp())) && !signal.aborted);
  while (!signal.aborted) {
    // A table that stands still only delays: manifests of what the other partitions have go on.
    await tried(() => tables.tail.poll(pollMs))
    // Under load something comes with every poll; a look at all datasets now and then is enough.
    const now = clock.monotonic()
    if (now - looked < lookEveryMs) continue
    looked = now
    const seen = tables.filesAt.join()
    // An end that is asked for again says nothing new before another record of `dataset-files` has come.
    if (seen !== asked.seen && now - asked.at >= endsEveryMs) if (await tried(() => askEnds(deps, shared.times))) asked = { at: now, seen }
    for (const [dataset, applied] of tables.specs.specs) {
      if (!owned.has(applied.partition)) {
        states.delete(dataset)
        deps.report.over(dataset)
        continue
      }
      try {
        let state = states.get(dataset)
        if (state === undefined) {
          state = { published: await openPublished(deps.target, dataset), at: Number.NEGATIVE_INFINITY, seen: null, lists: new Map() }
          warnOfRules(deps, applied)
          states.set(dataset, state)
        }
        await publish(deps, shared, dataset, applied, state)
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

/** In this order: what had been appended to `xapi` before a record of `dataset-files` that is read, lies below an end that is asked for then. */
async function askEnds({ log, naming, partitions, tables }: PublishDeps, times: AppendTimes): Promise<void> {
  const seen = [...tables.filesAt]
  const marks = await log.knownWatermarks(topicName('xapi', naming), [...Array(partitions).keys()])
  for (const [partition, { high }] of marks) if (seen[partition]! > 0) times.asked(partition, seen[partition]!, high)
}

async function publish(deps: PublishDeps, shared: Shared, dataset: string, applied: AppliedSpec, state: Owned): Promise<void> {
  const { tables } = deps
  const last = state.published.newest
  const joined = joinedEverywhere(tables, dataset, applied.revision)
  // Beside a published revision, which the sinks keep current, the next one stays out of sight until it has caught up everywhere.
  const shown = joined || last === null ? applied : tables.specs.revision(dataset, last.revision)
  if (shown === null) return
  const format = deps.formats.get(shown.spec.kind)
  if (format === undefined) return
  if (shown.revision === applied.revision || !isLeft(tables, shown))
    await publishShown(deps, shared, shown, applied.revision, format, state)
  const { newest } = state.published
  // Of a deleted dataset of the same name nothing is known any more, and nothing is written.
  const isShown = newest === null ? null : tables.specs.revision(dataset, newest.revision)
  if (isShown !== null && isUnreported(tables, isShown)) await reportSwap(deps, isShown)
}

/**
 * A sink that did not know yet that manifests show this revision has left it for a newer one: how far its files are is no longer said, and
 * a manifest of them would go back. The newer one is shown once it has joined everywhere.
 */
const isLeft = ({ sinks }: Tables, { spec, revision }: AppliedSpec) => {
  const name = revisionKey(spec.id, revision)
  return sinks.some(
    ({ live, catchUps, files }) => !isJoined(live, spec.id, revision) && !catchUps.has(name) && (files.get(name)?.size ?? 0) > 0,
  )
}

/** The sinks do not know yet that manifests show this revision. */
const isUnreported = ({ specs }: Tables, { spec, revision }: AppliedSpec) => (specs.shown.get(spec.id)?.revision ?? -1) < revision

/** Looks at numbers first: of a thousand datasets few have changed. */
async function publishShown(
  deps: PublishDeps,
  shared: Shared,
  shown: AppliedSpec,
  newest: number,
  format: Format,
  state: Owned,
): Promise<void> {
  const { tables, clock } = deps
  const last = state.published.newest
  const marks = marksOf(tables, shared, shown, newest, format)
  const seen = state.seen?.newest === last ? state.seen.marks : null
  const sinceMs = clock.monotonic() - state.at
  if (!isDue(seen, marks, waitingFor(deps, shown, format, last), sinceMs, shown.spec.freshness * 1000)) return
  const whole = compose(tables, deps.producer, {
    applied: shown,
    newest,
    format,
    version: state.published.next,
    last,
    nonce: clock.uuid(),
    now: clock.now(),
    times: shared.times,
    known: shared.known,
  })
  const { manifest: next, lists } = packManifest(whole, last, deps.producer.baseUrl, deps.mostInline, state.lists)
  if (last !== null && !mayFollow(next, last)) return
  if (last === null || isNews(last, next)) {
    if (!(await state.published.write(next, lists))) return
    state.at = clock.monotonic()
  }
  state.seen = { marks, newest: state.published.newest }
}

function marksOf(tables: Tables, { passed }: Shared, { spec, revision }: AppliedSpec, newest: number, format: Format): Marks {
  const { changes, runs, sinks } = tables
  // Most datasets are as far as live reading, and share what is known of that.
  const name = revisionKey(spec.id, revision)
  const isCurrent = sinks.every(({ live }) => isJoined(live, spec.id, revision) && live.waiting?.[name] === undefined)
  const follows = !isCurrent ? name : isSnapshot(format) ? format.table : 'live'
  const own = passed.get(follows) ?? new PassedRuns()
  passed.set(follows, own)
  const reached = () => sinks.map(records => reachOf(records, format, spec.id, revision).xapi)
  return {
    revision,
    files: changes.files(name),
    history: changes.runs + own.count(runs, `${changes.runs} ${changes.progress}`, reached),
    progress: changes.progress,
    backwards: changes.backwards,
    stopped: JSON.stringify(stops(tables, spec.id, newest)),
  }
}

function waitingFor({ tables, clock }: PublishDeps, { spec, revision }: AppliedSpec, format: Format, last: Manifest | null): Waiting {
  const waiter = tables.specs.waiters.get(spec.id)
  if (waiter === undefined || waiter.until <= clock.monotonic() || (last !== null && reaches(last, waiter.positions))) return 'nobody'
  const isThere = (records: SinkRecords, partition: number) =>
    isJoined(records.live, spec.id, revision) && reachOf(records, format, spec.id, revision).xapi >= (waiter.positions[partition] ?? 0)
  return tables.sinks.every(isThere) ? 'reached' : 'waits'
}

function isNews(last: Manifest, next: Manifest): boolean {
  const told = ({ sections, positions, counts, completeThrough, stopped }: Manifest) =>
    JSON.stringify([sections, positions, counts, completeThrough, stopped])
  return !sameContent(last, next) || told(last) !== told(next)
}

/** True when the manifest covers these `xapi` offsets. */
export function reaches(manifest: Manifest, positions: readonly number[]): boolean {
  return manifest.positions.every(({ partition, xapi }) => xapi !== null && xapi >= (positions[partition] ?? 0))
}

/**
 * A later manifest never says less. Of the same `dataset-files` it has read at least as much; and everything of `xapi` that the one before was
 * made from is in its files too. So the dataset stays as it was until a new revision is as far, until topics that were made anew (`reset`)
 * are, and where a sink had to leave the revision (it has another pseudonym key). With another `xapi` there is nothing to wait for.
 */
export function mayFollow(next: Manifest, last: Manifest): boolean {
  if (last.log === undefined || last.log.files === next.log?.files) return notBehind(next, last) && covers(next, last)
  return last.log.xapi !== next.log?.xapi || covers(next, last)
}

/** A publisher that has read less than its predecessor would make the dataset go back. */
function notBehind(next: Manifest, last: Manifest): boolean {
  const noLess = (now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>) =>
    Object.entries(before).every(([place, folded]) => (now[place] ?? 0) >= folded)
  return noLess(next.folded, last.folded) && noLess(next.alsoFolded, last.alsoFolded)
}

/** Everything of `xapi` that `last` was made from is in these files too. */
function covers(next: Manifest, last: Manifest): boolean {
  const before = last.positions.flatMap(({ partition, xapi }) => (xapi === null ? [] : [[partition, xapi] as const]))
  return before.every(([partition, xapi]) => (next.positions.find(each => each.partition === partition)?.xapi ?? -1) >= xapi)
}

async function reportSwap(deps: PublishDeps, applied: AppliedSpec): Promise<void> {
  const { tables, clock, writer, naming } = deps
  const { spec, partition } = applied
  // Once a revision, so it may take its time: a publisher that slept finds that another one has reported it, or that a later one counts.
  await tables.tail.catchUp()
  if (!isUnreported(tables, applied) || !tables.specs.specs.has(spec.id)) return
  const record = swappedOut(applied)
  await writer.send([{ topic: topicName('datasets', naming), partition, records: [record] }])
  // Known at once, so that it is not written again before the record comes back.
  tables.specs.onRecord({ ...record, offset: -1, timestamp: clock.now(), headers: [] }, partition)
}
