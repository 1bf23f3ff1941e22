import { describe } from '../logger.js'
import { commit } from './commit.js'
import { plannedMerges, type Running, uploadMerge } from './merge.js'
import { membersOf, type SinkState } from './sink-state.js'

/** Rests after a merge that met a server in trouble. */
const restMs = 30_000

/** Lists what is merged by now, in a transaction of its own: the merged file takes the place of its pieces at once or not at all. Then begins the next. */
export async function mergeOn(state: SinkState): Promise<void> {
  const { merging } = state
  const { running } = merging
  if (running !== null && running.outcome !== null) {
    merging.running = null
    await end(state, running, running.outcome)
  }
  if (merging.running === null && merging.wanted && state.deps.clock.monotonic() >= merging.restsUntil) begin(state)
}

function begin(state: SinkState): void {
  const { deps, partition, merging } = state
  for (const member of membersOf(state)) {
    const [plan] = plannedMerges(member, deps.rollBytes)
    if (plan === undefined) continue
    const running: Running = { member, plan, outcome: null }
    merging.running = running
    uploadMerge(member, plan, { generation: deps.naming.generation, partition }, deps.uploads).then(
      outcome => {
        running.outcome = outcome
      },
      (error: unknown) => {
        running.outcome = { error }
      },
    )
    return
  }
  merging.wanted = false
}

async function end(state: SinkState, { member, plan }: Running, outcome: NonNullable<Running['outcome']>): Promise<void> {
  const { deps, merging, partition } = state
  const { dataset } = member
  if ('unmergeable' in outcome) {
    member.unmergeable.add(outcome.unmergeable)
    deps.logger.error({ dataset, partition }, describe(outcome.error))
  } else if ('error' in outcome) {
    merging.restsUntil = deps.clock.monotonic() + restMs
    deps.logger.warn({ dataset, partition }, `merging files, tried again later: ${describe(outcome.error)}`)
  } else if (membersOf(state).includes(member) && plan.sequences.every(sequence => member.files.has(sequence))) {
    await deps.fault('sink.afterMergeUpload')
    await commit(state, [{ owner: member, sequence: member.sequence, record: outcome.merged }], [])
  }
}
