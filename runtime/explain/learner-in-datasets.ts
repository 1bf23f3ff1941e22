import type { StateTopicId } from '../../schemas/topics.js'
import type { SnapshotRow } from '../../sinks/format.js'
import type { AppliedSpec } from '../spec-table.js'
import { appliedSpecs, fileOf } from './dataset-verdicts.js'
import type { EventAt } from './event-at.js'
import type { Explaining, Rendering } from './explaining.js'
import { tableReach } from './snapshot-files.js'
import { stateRecords } from './state-at.js'
import { stateOfKey } from './state-of-key.js'

export interface LearnerInDataset {
  readonly dataset: string
  readonly kind: string
  readonly revision: number
  /** What its rows are made of. */
  readonly rowOf: 'event' | SnapshotRow['of']
  readonly rows: number
  /** Selected, and in no file yet; of a snapshot: whose row is not in the files as it is now, since it is new or has changed. */
  readonly notFiled: number
  /** By the first filter that leaves events out: how many, and what it says of one of them. */
  readonly excluded: Readonly<Record<string, { readonly events: number; readonly says: string }>>
}

export interface LearnerInPartition {
  readonly key: string
  readonly partition: number
}

/** `events`: all that the learner has. Reads the partition of each state topic that a snapshot is made of. */
export async function learnerInDatasets(
  e: Explaining,
  learner: LearnerInPartition,
  events: readonly EventAt[],
): Promise<readonly LearnerInDataset[]> {
  const states = new Map<StateTopicId, ReadonlyMap<string, number>>()
  const inDatasets: LearnerInDataset[] = []
  for (const applied of appliedSpecs(e)) {
    const rendering = e.render(applied.spec)
    const { id: dataset, kind } = applied.spec
    const base = { dataset, kind, revision: applied.revision, excluded: exclusionsOf(rendering, events) }
    if (rendering.is === 'states') {
      const { table, row } = rendering.format
      const own = states.get(table) ?? (await statesOf(e, table, learner))
      states.set(table, own)
      inDatasets.push({ ...base, rowOf: row.of, ...ofStates(e, applied, rendering, learner.partition, own) })
    } else inDatasets.push({ ...base, rowOf: 'event', ...ofEvents(e, applied, rendering, events) })
  }
  return inDatasets
}

function exclusionsOf({ renderer }: Rendering, events: readonly EventAt[]): LearnerInDataset['excluded'] {
  const excluded: Record<string, { events: number; says: string }> = {}
  for (const { event } of events) {
    const [reason] = renderer.excludedBy(event)
    if (reason === undefined) continue
    const filter = reason.includes(':') ? reason.slice(0, reason.indexOf(':')) : 'kind'
    excluded[filter] = { events: (excluded[filter]?.events ?? 0) + 1, says: reason }
  }
  return excluded
}

type Counts = Pick<LearnerInDataset, 'rows' | 'notFiled'>

function ofEvents(e: Explaining, applied: AppliedSpec, { renderer }: Rendering, events: readonly EventAt[]): Counts {
  const selected = events.filter(({ event }) => renderer.excludedBy(event).length === 0)
  const rows = selected.filter(at => fileOf(e, applied, at) !== null).length
  return { rows, notFiled: selected.length - rows }
}

/** A state that was written last below the offset that the files are made from is in them as it is. */
function ofStates(
  e: Explaining,
  applied: AppliedSpec,
  { format, renderer }: Extract<Rendering, { is: 'states' }>,
  partition: number,
  states: ReadonlyMap<string, number>,
): Counts {
  const { next } = tableReach(e, applied, format, partition)
  const selected = [...states].filter(([key]) => renderer.accepts(stateOfKey(key)))
  const rows = selected.filter(([, offset]) => offset < next).length
  return { rows, notFiled: selected.length - rows }
}

/** The newest offset of each state of a learner, by its key. */
async function statesOf(e: Explaining, topic: StateTopicId, { key, partition }: LearnerInPartition): Promise<ReadonlyMap<string, number>> {
  const states = new Map<string, number>()
  for await (const records of stateRecords(e, { topic, partition }))
    for (const record of records) {
      if (record.key !== key && !record.key.startsWith(`${key}|`)) continue
      if (record.value === null) states.delete(record.key)
      else states.set(record.key, record.offset)
    }
  return states
}
