import { placesOf, stateTopicIds, topicName, transactionalId } from '../../schemas/topics.js'
import { openQuestion } from '../open-question.js'
import type { Task, TaskContext } from '../task.js'
import type { AggregateDeps, AggregateState } from './aggregate-state.js'
import { catchUpOnce, joinThoseNear, read } from './catch-up.js'
import { type Cohort, makeCohort, offsetsOf, samePosition } from './cohort.js'
import { commitCohort, noteHints, standingKey } from './commit.js'
import { makeMember, type Standing } from './member.js'
import { type RestoredAggregates, restoreAggregates } from './restore-aggregates.js'
import { taskMemory } from './task-memory.js'

/** The aggregates' task of one partition. */
export function aggregateTask(deps: AggregateDeps, partition: number): Task {
  return {
    transactionalId: transactionalId('aggregate', partition, deps.naming),
    writes: placesOf([...stateTopicIds, 'aggregate-changelog'], partition, deps.naming),
    async work(context) {
      await deps.fault('aggregate.afterClaim')
      const store = deps.openStore(partition)
      try {
        const restored = await restoreAggregates(deps, partition, store, context)
        await deps.fault('aggregate.afterRestore')
        context.running()
        await runAggregates(newState(deps, partition, restored, context))
      } finally {
        await store.close()
      }
    },
  }
}

/**
 * 1 fetch from the position 2 step each event in a view of the store that nobody else sees, then `commitCohort`: 3 in one transaction
 * send states, changelog and position 4 commit 5 merge into the local store 6 group offsets, as a hint.
 *
 * Broken before 4 everything is done again from the position. Between 4 and 5 the store is behind its changelog: the next restore reads
 * the rest. The other way round it would hold events whose states nobody has.
 */
async function runAggregates(state: AggregateState): Promise<void> {
  const { deps, context, live } = state
  noteHints(state)
  const question = openQuestion(deps.live)
  while (!context.signal.aborted) {
    const answered = question.ask(() => positionsOf(state, live))
    // With somebody catching up, live reading is looked after between two of their fetches; else we wait for it.
    if (!(await catchUpOnce(state))) await answered
    const fetched = question.take()
    if (fetched !== null) {
      if (live.records === 0 && fetched.some(({ records }) => records.length > 0)) state.began = deps.clock.monotonic()
      for (const [n, topic] of [...live.next.keys()].entries()) await read(state, live, topic, fetched[n]!)
    }
    if (commitIsDue(state)) await commitCohort(state, live)
    if (fetched !== null) await joinThoseNear(state)
  }
  for (const cohort of [live, ...state.catchingUp]) if (cohort.records > 0) await commitCohort(state, cohort)
}

function commitIsDue({ deps, live, began }: AggregateState): boolean {
  if (live.inputBytes >= deps.commitBytes) return true
  const late = deps.clock.monotonic() - began >= deps.commitMs
  return late && (live.records > 0 || !samePosition(live.next, live.committed))
}

const positionsOf = ({ deps, partition }: AggregateState, cohort: Cohort) =>
  Array.from(cohort.next, ([topic, offset]) => ({ topic: topicName(topic, deps.naming), partition, offset }))

const nothingYet: Standing = { next: {}, markers: {} }

/** Aggregates that stand at the same place read together. Those in front are the live ones; others, and new ones, catch up beside them. */
function newState(
  deps: AggregateDeps,
  partition: number,
  { store, changelog, ends }: RestoredAggregates,
  context: TaskContext,
): AggregateState {
  const cohorts: Cohort[] = []
  for (const aggregate of deps.aggregates) {
    const bytes = store.get(standingKey(aggregate.name))
    const standing = bytes === null ? nothingYet : (JSON.parse(bytes.toString()) as Standing)
    const member = makeMember(aggregate, taskMemory(aggregate, store), standing)
    const own = makeCohort(standing.next, [member])
    const same = cohorts.find(cohort => samePosition(cohort.next, own.next))
    if (same) same.members.push(member)
    else cohorts.push(own)
  }
  const reached = (cohort: Cohort) => Object.values(offsetsOf(cohort.next)).reduce((a, b) => a + b, 0)
  const [live = makeCohort({}, []), ...catchingUp] = cohorts.sort((a, b) => reached(b) - reached(a))
  return { deps, partition, context, store, changelog, ends, live, catchingUp, began: deps.clock.monotonic() }
}
