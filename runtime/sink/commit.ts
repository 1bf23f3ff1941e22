import { topicName } from '../../schemas/topics.js'
import type { OutRecord } from '../log.js'
import { proveRestored } from '../restored-ends.js'
import { type Cohort, offsetsOf } from './cohort.js'
import { isIdle } from './due.js'
import { listing, settle, type Uploaded, uploadPieces } from './flush.js'
import { closePieces, type Member } from './member.js'
import { liveProgress } from './progress.js'
import { catchUpOut, liveOut, revisionKey } from './sink-records.js'
import type { SinkState } from './sink-state.js'

/**
 * Makes the open rows of these live members durable, with the progress of all. Order of effects: 1 rows are rendered in open pieces 2 upload
 * each piece, only if its name is free 3 in one transaction list the files and write the progress 4 commit 5 remember it.
 * A crash between 2 and 4 leaves an object that nothing lists, and its rows are read again.
 */
export async function flushLive(state: SinkState, members: readonly Member[], extra: readonly OutRecord[] = []): Promise<void> {
  const { records, partition } = state
  const { progress, filed } = liveProgress(state, new Set(members))
  const uploaded = await upload(state, members)
  const unchanged =
    uploaded.length === 0 && extra.length === 0 && JSON.stringify(progress) === JSON.stringify(records.live) && !isIdle(state)
  if (!unchanged) await commit(state, uploaded, [...extra, liveOut(partition, progress)])
  records.live = progress
  state.lastCommit = state.deps.clock.monotonic()
  for (const [member, reach] of filed) member.filed = reach
  for (const member of members) {
    if (member.openRows > 0) member.flushedAt = state.lastCommit
    closePieces(member)
  }
  state.joinedChanged = false
  state.tablesMoved = false
}

/**
 * The same for some of the datasets that are catching up together: each has a progress of its own until it joins. Those without open rows are
 * as far by then.
 */
export async function flushCatchUp(state: SinkState, cohort: Cohort, flushed: readonly Member[]): Promise<void> {
  const members = cohort.members.filter(member => member.openRows === 0 || flushed.includes(member))
  const uploaded = await upload(state, flushed)
  const next = offsetsOf(cohort)
  const progress = members.map(member => catchUpOut(member.dataset, member.revision, state.partition, { next }))
  await commit(state, uploaded, progress)
  for (const member of members) {
    closePieces(member)
    state.records.catchUps.set(revisionKey(member.dataset, member.revision), { next })
  }
}

async function upload({ deps, partition }: SinkState, members: readonly Member[]): Promise<Uploaded[]> {
  const uploaded = await uploadPieces(members, { generation: deps.naming.generation, partition }, deps.uploads)
  if (uploaded.length > 0) await deps.fault('sink.afterUpload')
  return uploaded
}

/** Steps 3 to 5. */
export async function commit(state: SinkState, uploaded: readonly Uploaded[], progress: readonly OutRecord[]): Promise<void> {
  const { deps, partition, context, ends, merging } = state
  const records = [...listing(uploaded, partition), ...progress]
  proveRestored(ends, await context.tx.send([{ topic: topicName('dataset-files', deps.naming), partition, records }]))
  await deps.fault('sink.afterRecords')
  await context.tx.commit()
  state.lastWrite = deps.clock.monotonic()
  await deps.fault('sink.afterCommit')
  settle(uploaded)
  if (uploaded.length > 0) merging.wanted = true
}
