import { TributaryError } from '../../schemas/errors.js'
import { type EventTopicId, topicName } from '../../schemas/topics.js'
import type { Fetched } from '../log.js'
import type { AggregateState } from './aggregate-state.js'
import { type Cohort, consume, distance, samePosition } from './cohort.js'
import { commitCohort } from './commit.js'

/** A gap this small is closed while live reading waits: the moment at which aggregates join. */
const joinDistance = 5_000

/** Steps through what was fetched of one topic. */
export async function read({ deps }: AggregateState, cohort: Cohort, topic: EventTopicId, fetched: Fetched): Promise<void> {
  const { lost, partition } = fetched
  if (lost) throw new TributaryError('OFFSET_LOST', `reading ${topic}/${partition}: it holds ${lost.low} to ${lost.high}`)
  await consume(cohort, topic, fetched, deps.codec)
}

/** One step of every cohort that is catching up, never beyond what the live one has committed. False = nobody has anything to read. */
export async function catchUpOnce(state: AggregateState): Promise<boolean> {
  const { deps, partition, live, catchingUp } = state
  let any = false
  for (const cohort of catchingUp) {
    const behind = [...cohort.next].filter(([topic, offset]) => offset < live.committed.get(topic)!)
    if (behind.length === 0) continue
    any = true
    const fetched = await deps.catchUp.take(
      behind.map(([topic, offset]) => ({ topic: topicName(topic, deps.naming), partition, offset, end: live.committed.get(topic)! })),
    )
    for (const [n, [topic]] of behind.entries()) await read(state, cohort, topic, fetched[n]!)
    if (cohort.inputBytes >= deps.commitBytes) await commitCohort(state, cohort)
  }
  return any
}

/**
 * A cohort close behind reads the rest while live reading waits; from then on both read together, since they stand at the same place.
 * No live answer may be under way that was asked for before and is not applied yet.
 */
export async function joinThoseNear(state: AggregateState): Promise<void> {
  const { live, catchingUp, context } = state
  for (const cohort of [...catchingUp]) {
    if (distance(cohort.next, live.next) > joinDistance) continue
    await commitCohort(state, live)
    while (await catchUpOnce(state)) if (context.signal.aborted) return
    if (!samePosition(cohort.next, live.next)) continue
    await commitCohort(state, cohort)
    catchingUp.splice(catchingUp.indexOf(cohort), 1)
    live.members.push(...cohort.members)
  }
}
