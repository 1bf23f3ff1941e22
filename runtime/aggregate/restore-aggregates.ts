import { topicName } from '../../schemas/topics.js'
import type { OutRecord } from '../log.js'
import { readRange } from '../read-range.js'
import { restoreProgress } from '../restore-progress.js'
import type { RestoredEnds } from '../restored-ends.js'
import type { StateStore } from '../state/state-store.js'
import { type TaskStore, takeStore } from '../state/task-store.js'
import type { TaskContext } from '../task.js'
import type { AggregateDeps } from './aggregate-state.js'
import { changeOf } from './commit.js'

export interface RestoredAggregates {
  readonly store: TaskStore<null>
  /** Next offset of the changelog. */
  readonly changelog: number
  readonly ends: RestoredEnds
}

const mergeBytes = 1 << 20

/** Of the store: the keys and values of the changelog. What is in a value has a version of its own. */
const layout = 1

/**
 * Brings the store up to the last stable offset of its changelog, as of now: the claim has fenced the former owner and ended its
 * transaction, so nothing can be added below.
 */
export async function restoreAggregates(
  deps: AggregateDeps,
  partition: number,
  held: StateStore,
  context: TaskContext,
): Promise<RestoredAggregates> {
  const topic = topicName('aggregate-changelog', deps.naming)
  const { stable, low } = (await deps.log.watermarks(topic, [partition])).get(partition)!
  const owner = { producerId: context.tx.producerId, epoch: context.tx.epoch }
  const { clusterId: cluster, topicIds: topics, tombstonesKeptMs } = deps
  const store = takeStore<null>(
    held,
    { store: context.tx.transactionalId, layout, cluster, topics, low, stable, owner, tombstonesKeptMs },
    deps,
  )
  let changelog = store.found?.changelog ?? low
  const progress = restoreProgress(deps.clock, deps.logger, `${topic}/${partition}`, changelog, stable)
  const reader = deps.log.reader()
  // A later record of a key takes the place of an earlier one, as compaction has it.
  let read = new Map<string, OutRecord>()
  let bytes = 0
  const merge = () => {
    store.merge(changeOf(read.values()), { position: null, changelog, owner })
    read = new Map()
    bytes = 0
  }
  try {
    await readRange(reader, { topic, partition, from: changelog, to: stable }, (records, next) => {
      for (const { key, value } of records) {
        // Copies: the fetched batch is gone after this.
        read.set(key!.toString('latin1'), { key: Buffer.from(key!), value: value === null ? null : Buffer.from(value) })
        bytes += key!.length + (value?.length ?? 0)
      }
      changelog = next
      if (bytes < mergeBytes) return
      merge()
      progress.note(changelog)
    })
    merge()
  } finally {
    await reader.close()
  }
  return { store, changelog, ends: new Map([[topic, stable]]) }
}
