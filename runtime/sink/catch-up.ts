import { isDeepStrictEqual } from 'node:util'
import { lostText } from '../../schemas/dataset-files.js'
import { type EventTopicId, topicName } from '../../schemas/topics.js'
import { type Cohort, distance, isAsFar, offsetsOf, openRows, skipForeign } from './cohort.js'
import { commit, flushCatchUp, flushLive } from './commit.js'
import type { Member } from './member.js'
import { readTopic, refuseLost } from './read-events.js'
import { catchUpOut, revisionKey } from './sink-records.js'
import type { SinkState } from './sink-state.js'

/** A gap this small is closed while live reading waits: the moment at which a dataset joins. */
const joinDistance = 5_000

/** One step of every cohort whose turn it is to catch up, never beyond the live position. False = none of them has anything to read there. */
export async function catchUpOnce(state: SinkState): Promise<boolean> {
  let read = false
  for (const cohort of inTurn(state)) if (await step(state, cohort)) read = true
  return read
}

/**
 * Those that came first, as many as get files of a fair size; the others begin when these have joined. The first one never waits for another
 * task.
 */
function inTurn({ catchingUp, share }: SinkState): readonly Cohort[] {
  const taken: Cohort[] = []
  share.places = 0
  for (const cohort of catchingUp) {
    if (cohort.wants !== null) continue
    const places = share.places + cohort.members.length
    if (taken.length > 0 && !share.hasPlaces(places)) break
    taken.push(cohort)
    share.places = places
  }
  return taken
}

/** False = the cohort has read all that live reading has, or cannot go on before the ledger was read. */
async function step(state: SinkState, cohort: Cohort): Promise<boolean> {
  const { deps, partition, live, catchingUp } = state
  skipForeign(cohort, live)
  const behind = [...cohort.next].filter(([topic, offset]) => offset < live.next.get(topic)!)
  if (behind.length === 0) return false
  const fetched = await deps.catchUp.take(
    behind.map(([topic, offset]) => ({ topic: topicName(topic, deps.naming), partition, offset, end: live.next.get(topic)! })),
  )
  // What was deleted may be of others: the ledger will say where its sections lie.
  if (cohort.wants !== null && fetched.some(({ lost }) => lost)) return false
  for (const [i, [topic]] of behind.entries()) {
    if (fetched[i]!.lost) await leaveBehind(state, cohort, topic, fetched[i]!.lost)
    else await readTopic(state, cohort, topic, fetched[i]!)
  }
  if (cohort.members.length === 0) catchingUp.splice(catchingUp.indexOf(cohort), 1)
  return true
}

/**
 * Events that some datasets have not read were deleted. These stop, each by itself, and say so in their progress: without the events they
 * would be datasets that lack rows. All others read on.
 */
async function leaveBehind(state: SinkState, cohort: Cohort, topic: EventTopicId, { low }: { readonly low: number }): Promise<void> {
  const { deps, partition, records } = state
  const next = cohort.next.get(topic)!
  // Retention deletes from the beginning only; beyond the end nothing explains it.
  if (next >= low) return refuseLost({ topic: topicName(topic, deps.naming), partition, lost: { low, high: next } })
  const [stopped, others] = [true, false].map(needed => cohort.members.filter(({ format }) => format.topics.includes(topic) === needed))
  if (openRows(cohort) > 0) await flushCatchUp(state, cohort, cohort.members)
  const progress = { next: offsetsOf(cohort), lost: { topic, next, low } }
  const news = stopped!.filter(member => !isDeepStrictEqual(records.catchUps.get(revisionKey(member.dataset, member.revision)), progress))
  for (const member of stopped!) {
    deps.logger.error({ dataset: member.dataset, partition }, `the dataset stops: ${lostText({ partition, ...progress.lost })}`)
    records.catchUps.set(revisionKey(member.dataset, member.revision), progress)
  }
  if (news.length > 0)
    await commit(
      state,
      [],
      news.map(({ dataset, revision }) => catchUpOut(dataset, revision, partition, progress)),
    )
  cohort.members.splice(0, cohort.members.length, ...others!)
  cohort.next.set(topic, low)
}

/**
 * A cohort close behind reads the rest while live reading waits, and joins in one transaction with the live progress.
 * No live answer may be under way that was asked for before and is not applied yet.
 */
export async function joinThoseNear(state: SinkState): Promise<void> {
  const { live, catchingUp, records, partition, context } = state
  for (const cohort of [...catchingUp]) {
    if (distance(cohort, live) > joinDistance) continue
    while (catchingUp.includes(cohort) && !isAsFar(cohort, live)) {
      if (context.signal.aborted) return
      if (!(await step(state, cohort))) break
    }
    if (!catchingUp.includes(cohort) || !isAsFar(cohort, live)) continue
    const tombstones = cohort.members
      .filter(member => records.catchUps.has(revisionKey(member.dataset, member.revision)))
      .map(member => catchUpOut(member.dataset, member.revision, partition, null))
    catchingUp.splice(catchingUp.indexOf(cohort), 1)
    for (const member of cohort.members) join(state, cohort, member)
    await flushLive(state, cohort.members, tombstones)
  }
}

/** A new revision reads on beside the one that manifests show, until it is shown itself. */
function join(state: SinkState, cohort: Cohort, member: Member): void {
  const { live, records } = state
  // Live reading may be at rows that some of its members lack after a restart, and this one has.
  member.from = new Map(cohort.next)
  live.members.push(member)
  records.catchUps.delete(revisionKey(member.dataset, member.revision))
  state.joinedChanged = true
}
