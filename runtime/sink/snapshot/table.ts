import type { TableProgress } from '../../../schemas/dataset-files.js'
import { isControlKey, positionPrefix } from '../../../schemas/state-records.js'
import { type EventTopicId, eventTopicIds, type StateTopicId, topicName } from '../../../schemas/topics.js'
import type { State } from '../../../sinks/format.js'
import { placeOf } from '../../../sinks/table-key.js'
import type { Fetched } from '../../log.js'
import type { StateStore } from '../../state/state-store.js'
import { type TaskStore, takeStore } from '../../state/task-store.js'
import { type Coverage, makeCoverage } from '../coverage.js'
import { refuseLost } from '../read-events.js'
import type { SinkState } from '../sink-state.js'
import type { Pass } from './pass.js'
import { isChanged, noteChange, type Snapshot } from './snapshot.js'

type Folded = Readonly<Partial<Record<EventTopicId, number>>>

/**
 * One partition of a state topic as a table on the disk, and the snapshots that are made of it. It holds what is committed, and can be
 * read again from the topic at any time.
 */
export interface Table {
  readonly topic: StateTopicId
  readonly held: StateStore
  readonly store: TaskStore<Folded>
  /** Next offset of the state topic. */
  next: number
  /** Below these offsets of the event topics everything is in the table, as its last position record says. */
  folded: ReadonlyMap<EventTopicId, number>
  /** False between the records of one transaction: a session and the one that it was joined to might both be there. */
  whole: boolean
  /** The stable end of the topic when it was opened: up to there it is read beside the others, who do not wait for it. */
  readonly target: number
  readonly snapshots: Snapshot[]
  readonly coverage: Coverage
  /** What the ledger said before it was opened is in `coverage`: before, it is not said how far in `xapi` the states are. */
  knowsLedger: boolean
  /** What the listed files of its snapshots contain. */
  published: TableProgress
  pass: Pass | null
  /** When the last pass was committed, monotonic ms. */
  lastPass: number
}

/** Of the store: key = `TableKey`, value = offset (6 bytes) and the record's value, position = next offsets of the event topics. */
const layout = 2
const offsetBytes = 6

export async function openTable(state: SinkState, topic: StateTopicId): Promise<Table> {
  const { deps, partition, context, records } = state
  const name = topicName(topic, deps.naming)
  const { low, stable } = (await deps.log.watermarks(name, [partition])).get(partition)!
  const { id, config } = (await deps.log.describeTopics([name])).get(name)!
  const held = deps.openStore(partition, topic)
  const { producerId, epoch } = context.tx
  const store = takeStore<Folded>(
    held,
    {
      // With another key rows lie elsewhere: such a store is foreign.
      store: `${context.tx.transactionalId} ${topic} ${deps.keyFingerprint}`,
      layout,
      cluster: deps.clusterId,
      topics: { [name]: id },
      low,
      stable,
      owner: { producerId, epoch },
      tombstonesKeptMs: Number(config['delete.retention.ms']),
    },
    deps,
  )
  const published = records.live.tables?.[topic] ?? { next: 0, xapi: 0, received: 0 }
  const coverage = makeCoverage(published.xapi, published.received, state.ledgerNext)
  return {
    topic,
    held,
    store,
    next: store.found?.changelog ?? low,
    folded: offsetsOf(store.found?.position ?? {}),
    whole: true,
    target: stable,
    snapshots: [],
    coverage,
    knowsLedger: false,
    published,
    pass: null,
    lastPass: Number.NEGATIVE_INFINITY,
  }
}

/** The files of its snapshots say what it holds. */
export const isFiled = ({ pass, whole, snapshots }: Table) =>
  pass === null && whole && !snapshots.some(snapshot => isChanged(snapshot) || !snapshot.joined)

export const isBehind = (table: Table) => table.next < table.target

/** A topic that is not named has its beginning: nothing of it is in. */
const offsetsOf = (next: Folded) => new Map(eventTopicIds.map(topic => [topic, next[topic] ?? 0]))

/** Takes in what was fetched, in one atomic write, and notes which rows of which snapshots are not as their files say. */
export async function readStates(state: SinkState, table: Table, fetched: Fetched): Promise<void> {
  refuseLost(fetched)
  if (fetched.next === table.next) return
  const { codec, tableKey } = state.deps
  const rows = fetched.records.map(record => ({ ...record, text: record.key?.toString() ?? '' }))
  const isPosition = (text: string) => text.startsWith(positionPrefix) && isControlKey(text)
  const valuesIf = (chosen: (text: string) => boolean) => rows.map(({ text, value }) => (chosen(text) ? value : null))
  await codec.learn(
    table.topic,
    valuesIf(text => !isControlKey(text)),
  )
  await codec.learn('state-position', valuesIf(isPosition))
  // By the key's bytes; the last value of a key counts.
  const changes = new Map<string, readonly [key: Buffer, value: Buffer | null]>()
  let { folded, whole } = table
  for (const { text, value, offset } of rows) {
    if (isControlKey(text)) {
      if (value === null || !isPosition(text)) continue
      folded = offsetsOf(codec.decodePosition(value).next)
      whole = true
      continue
    }
    whole = false
    const key = tableKey(text)
    changes.set(key.toString('latin1'), [key, value === null ? null : rowOf(offset, value)])
    const decoded = value === null ? null : (codec.decodeState(table.topic, value) as State)
    // Whose state is gone cannot be told any more: perhaps one of those that it selects.
    for (const snapshot of table.snapshots) if (decoded === null || snapshot.renderer.accepts(decoded)) noteChange(snapshot, placeOf(key))
  }
  const puts = [...changes.values()].flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]))
  const deletes = [...changes.values()].flatMap(([key, value]) => (value === null ? [key] : []))
  const { producerId, epoch } = state.context.tx
  table.store.merge({ puts, deletes }, { position: Object.fromEntries(folded), changelog: fetched.next, owner: { producerId, epoch } })
  table.next = fetched.next
  table.folded = folded
  table.whole = whole
}

function rowOf(offset: number, value: Buffer): Buffer {
  const row = Buffer.allocUnsafe(offsetBytes + value.length)
  row.writeUIntBE(offset, 0, offsetBytes)
  value.copy(row, offsetBytes)
  return row
}

export const offsetOf = (row: Buffer) => row.readUIntBE(0, offsetBytes)
export const recordOf = (row: Buffer) => row.subarray(offsetBytes)
