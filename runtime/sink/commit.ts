import type { LiveProgress } from '../../schemas/dataset-files.js'
import { topicName } from '../../schemas/topics.js'
import type { OutRecord } from '../log.js'
import { proveRestored } from '../restored-ends.js'
import { type Cohort, offsetsOf, openBytes, openRows } from './cohort.js'
import { listing, settle, type Uploaded, uploadPieces } from './flush.js'
import { closePieces, type Member } from './member.js'
import { plannedMerges, uploadMerge } from './merge.js'
import { catchUpOut, liveOut, revisionKey } from './sink-records.js'
import type { SinkState } from './sink-state.js'

/** Share of the freshness for gathering rows; the rest is for what comes before, the upload, the transaction and the manifest. */
const gatherShare = 0.3
/** Progress without rows: soon when all is read, since somebody may be waiting for just that, else now and then. */
const progressAtEndMs = 1000
const progressMs = 5000
/**
 * Nothing was written for so long: then the same progress is written again. Its append time says up to when an idle partition is complete,
 * which no clock of ours could.
 */
const idleMs = 30_000

export function flushIsDue(state: SinkState): boolean {
  const { deps, live, coverage, records } = state
  const now = deps.clock.monotonic()
  if (openBytes(live) >= deps.pieceBytes) return true
  if (openRows(live) > 0) {
    const dirty = live.members.filter(member => member.openRows > 0)
    const gatherMs = Math.min(...dirty.map(member => member.applied.spec.freshness)) * 1000 * gatherShare
    return now - state.lastRows >= gatherMs && (state.atEnd || now - state.rowsSince >= gatherMs)
  }
  const progressed = coverage.covered.xapi > records.live.xapi || state.joinedChanged || state.tablesMoved
  if (state.atEnd && isIdle(state)) return true
  return progressed && now - state.lastCommit >= (state.atEnd ? progressAtEndMs : progressMs)
}

/** Without a dataset nobody asks. */
const isIdle = (state: SinkState) =>
  state.deps.clock.monotonic() - state.lastWrite >= idleMs && Object.keys(state.records.live.joined).length > 0

/**
 * Makes all that is open of the live cohort durable, with the progress. Order of effects: 1 rows are rendered in open pieces 2 upload each
 * piece, only if its name is free 3 in one transaction list the files and write the progress 4 commit 5 remember it.
 * A crash between 2 and 4 leaves an object that nothing lists, and its rows are read again.
 */
export async function flushLive(state: SinkState, extra: readonly OutRecord[] = []): Promise<void> {
  const { live, records, partition } = state
  const progress = liveProgress(state)
  const uploaded = await upload(state, live)
  const unchanged =
    uploaded.length === 0 && extra.length === 0 && JSON.stringify(progress) === JSON.stringify(records.live) && !isIdle(state)
  if (!unchanged) await commit(state, uploaded, [...extra, liveOut(partition, progress)])
  records.live = progress
  for (const member of live.members) closePieces(member)
  for (const [topic, next] of live.next) state.deps.hints.note(topicName(topic, state.deps.naming), partition, next)
  state.joinedChanged = false
  state.tablesMoved = false
  state.lastCommit = state.deps.clock.monotonic()
  if (uploaded.length === 0) return
  state.lastRows = state.lastCommit
  await mergePieces(state, live.members)
}

function liveProgress(state: SinkState): LiveProgress {
  const { live, coverage, tables } = state
  const used = [...tables.values()].filter(table => table.snapshots.length > 0)
  return {
    // A table that is opened looks up what the ledger said before.
    next: { ...offsetsOf(live), 'route-ledger': coverage.resume },
    ...coverage.covered,
    joined: joinedOf(state),
    ...(used.length > 0 && { tables: Object.fromEntries(used.map(table => [table.topic, table.published])) }),
  }
}

/** Those that are there now, not those of the last commit: for one that is deleted nobody keeps files any more. */
export function joinedOf({ live, tables }: SinkState): LiveProgress['joined'] {
  const snapshots = [...tables.values()].flatMap(table => table.snapshots.filter(snapshot => snapshot.joined))
  return Object.fromEntries([...live.members, ...snapshots].map(({ dataset, revision }) => [dataset, revision]))
}

/** The same for datasets that are catching up: each has a progress of its own until it joins. */
export async function flushCatchUp(state: SinkState, cohort: Cohort): Promise<void> {
  const uploaded = await upload(state, cohort)
  const next = offsetsOf(cohort)
  const progress = cohort.members.map(member => catchUpOut(member.dataset, member.revision, state.partition, { next }))
  await commit(state, uploaded, progress)
  for (const member of cohort.members) closePieces(member)
  for (const member of cohort.members) state.records.catchUps.set(revisionKey(member.dataset, member.revision), { next })
  await mergePieces(state, cohort.members)
}

async function upload({ deps, partition }: SinkState, cohort: Cohort): Promise<Uploaded[]> {
  const uploaded = await uploadPieces(cohort.members, { generation: deps.naming.generation, partition }, deps.uploads)
  if (uploaded.length > 0) await deps.fault('sink.afterUpload')
  return uploaded
}

/** Steps 3 to 5. */
export async function commit(state: SinkState, uploaded: readonly Uploaded[], progress: readonly OutRecord[]): Promise<void> {
  const { deps, partition, context, ends } = state
  const records = [...listing(uploaded, partition), ...progress]
  proveRestored(ends, await context.tx.send([{ topic: topicName('dataset-files', deps.naming), partition, records }]))
  await deps.fault('sink.afterRecords')
  await context.tx.commit()
  state.lastWrite = deps.clock.monotonic()
  await deps.fault('sink.afterCommit')
  settle(uploaded)
}

/** Each merge is a transaction of its own: the merged file takes the place of its pieces at once or not at all. */
async function mergePieces(state: SinkState, members: readonly Member[]): Promise<void> {
  const { deps, partition } = state
  const target = { generation: deps.naming.generation, partition }
  for (const member of members)
    for (let plans = plannedMerges(member, deps.rollBytes); plans.length > 0; plans = plannedMerges(member, deps.rollBytes))
      for (const plan of plans) {
        const merged = await uploadMerge(member, plan, target, deps.uploads)
        await deps.fault('sink.afterMergeUpload')
        await commit(state, [merged], [])
      }
}
