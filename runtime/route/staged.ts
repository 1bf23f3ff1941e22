import { addAppended, addOutcome, type Ledger, skipTo, toRouteLedger } from '../../processors/route/ledger.js'
import { type Outcome, route } from '../../processors/route/route.js'
import { seenKey } from '../../processors/route/seen-key.js'
import { instantText } from '../../schemas/dataset-spec.js'
import type { Event } from '../../schemas/event.js'
import { headers as names } from '../../schemas/headers.js'
import { routeLedgerKey } from '../../schemas/route-ledger.js'
import { encodeRouteSeen } from '../../schemas/route-seen.js'
import { type EventTopicId, eventTopicIds, topicName, topicOfKind } from '../../schemas/topics.js'
import { type Appended, headerText, type LogRecord, type OutRecord, type PartitionBatch } from '../log.js'
import type { StateStore } from '../state/state-store.js'
import { movedHeaders, provenance } from './carried-headers.js'
import { deadLetter } from './dead-letter.js'
import type { RouteDeps } from './route-task.js'

/** What one transaction will write: outputs of its records, in a view of the store that nobody else sees before the commit. */
export interface Staged {
  readonly records: number
  /** Time to commit: what one transaction holds must not hang on what a fetch brings, or on what is made of a statement. */
  readonly full: boolean
  readonly outputs: readonly PartitionBatch[]
  readonly misplaced: readonly PartitionBatch[]
  readonly seenKeys: readonly Buffer[]
  add(record: LogRecord): void
  /** `route-seen` (first) and `route-ledger`: needs the offsets that the outputs were given. */
  bookkeeping(position: number, appended: readonly Appended[]): readonly PartitionBatch[]
}

/** Of an output only what the books need is kept: its event holds on to the statement's text. Markers have no account. */
interface Outputs {
  readonly records: OutRecord[]
  readonly accounts: (Pick<Event, 'kind' | 'host' | 'section'> | null)[]
}

/** Outputs for a byte of input, and ids of one record of `route-seen`, before a transaction is full. */
const mostGrowth = 4
const mostIds = 64 * 1024

export function stage(deps: RouteDeps, partition: number, store: Pick<StateStore, 'has'>, ledger: Ledger): Staged {
  const stagedKeys = new Set<string>()
  const seenKeys: Buffer[] = []
  const events = new Map<EventTopicId, Outputs>()
  const deadLetters: OutRecord[] = []
  const moved = new Map<number, OutRecord[]>()
  const xapi = topicName('xapi', deps.naming)
  let inputBytes = 0
  let outputBytes = 0
  const context = {
    partitions: deps.partitions,
    maxBytes: deps.maxMessageBytes,
    seen: (key: Buffer) => stagedKeys.has(key.toString('latin1')) || store.has(key),
  }
  const outOf = (topic: EventTopicId) => {
    const known = events.get(topic)
    if (known) return known
    const made: Outputs = { records: [], accounts: [] }
    events.set(topic, made)
    return made
  }

  function emit(key: Buffer, event: Event, value: Buffer, from: OutRecord['headers'] & object): void {
    const id = seenKey(event)
    stagedKeys.add(id.toString('latin1'))
    seenKeys.push(id)
    const topic = topicOfKind[event.kind]
    const out = outOf(topic)
    const headers = [[names.id, event.id], [names.at, instantText(event.at)], ...from] as const
    out.records.push({ key, value, headers })
    out.accounts.push({ kind: event.kind, host: event.host, section: event.section })
    outputBytes += key.length + value.length
  }

  function step(record: LogRecord): { readonly outcome: Outcome; readonly values: readonly Buffer[] } {
    const outcome = route.step(
      {
        value: record.value,
        partition,
        marker: headerText(record, names.marker),
        placed: headerText(record, names.placed),
        assignedId: headerText(record, names.assignedId),
      },
      context,
    )
    try {
      // Before anything is staged: what cannot be written must leave nothing behind.
      return { outcome, values: eventsOf(outcome).map(event => deps.codec.encodeEvent(topicOfKind[event.kind], event)) }
    } catch (error) {
      const refusal = { code: 'unforeseen', reason: `its event cannot be written (${(error as Error).name})` } as const
      return { outcome: { outcome: 'dead-letter', refusal, host: null, section: null }, values: [] }
    }
  }

  const staged = {
    records: 0,
    get full() {
      return inputBytes >= deps.commitBytes || outputBytes >= mostGrowth * deps.commitBytes || seenKeys.length >= mostIds
    },
    seenKeys,
    add(record: LogRecord) {
      staged.records++
      inputBytes += record.value?.length ?? 0
      const { outcome, values } = step(record)
      addOutcome(ledger, outcome, { offset: record.offset, received: record.timestamp })
      switch (outcome.outcome) {
        case 'event':
        case 'duplicate': {
          if (values.length === 0) return
          const key = Buffer.from(outcome.key)
          const from = [[names.src, `${partition}/${record.offset}`] as const, ...provenance(record)]
          for (const [i, event] of eventsOf(outcome).entries()) emit(key, event, values[i]!, from)
          return
        }
        case 'misplaced': {
          const records = moved.get(outcome.partition) ?? []
          moved.set(outcome.partition, records)
          const headers = [...movedHeaders(record), [names.placed, `${partition}/${record.offset}`] as const]
          records.push({ key: Buffer.from(outcome.key), value: copy(record.value), headers })
          return
        }
        case 'marker':
          for (const topic of eventTopicIds) {
            const out = outOf(topic)
            out.records.push({
              key: Buffer.from(`marker|${outcome.marker.run}`),
              value: deps.codec.encodeMarker(outcome.marker),
              headers: [[names.marker, outcome.marker.kind]],
            })
            out.accounts.push(null)
          }
          return
        case 'dead-letter':
          deadLetters.push(deadLetter(record, outcome.refusal, xapi, partition, deps.maxMessageBytes))
          // The fault is ours, and a person is needed. Nothing of what the record says is told here.
          if (outcome.refusal.code === 'unforeseen')
            deps.logger.error({ partition, offset: record.offset }, `${outcome.refusal.reason}: it is a dead letter now`)
      }
    },
    get outputs() {
      const batches: PartitionBatch[] = [...events].map(([topic, { records }]) => ({
        topic: topicName(topic, deps.naming),
        partition,
        records,
      }))
      if (deadLetters.length > 0) batches.push({ topic: topicName('dead-letters', deps.naming), partition, records: deadLetters })
      return batches
    },
    get misplaced() {
      return [...moved].map(([to, records]) => ({ topic: xapi, partition: to, records }))
    },
    bookkeeping(position: number, appended: readonly Appended[]): readonly PartitionBatch[] {
      for (const [topic, out] of events) {
        const at = appended.find(a => a.topic === topicName(topic, deps.naming))!
        for (const [i, account] of out.accounts.entries()) if (account !== null) addAppended(ledger, account, at.first + i)
      }
      skipTo(ledger, position)
      const ledgers = toRouteLedger(ledger).map(record => ({
        key: Buffer.from(routeLedgerKey(record)),
        value: deps.codec.encodeLedger(record),
      }))
      const seen = { key: null, value: encodeRouteSeen(position, seenKeys) }
      return [
        { topic: topicName('route-seen', deps.naming), partition, records: [seen] },
        { topic: topicName('route-ledger', deps.naming), partition, records: ledgers },
      ]
    },
  }
  return staged
}

/** Values are views into the fetched batch, which is gone after the next fetch. */
const copy = (value: Buffer | null) => (value === null ? null : Buffer.from(value))

/** What has to be written: a repeat is dropped, its new derived events are not. */
function eventsOf(outcome: Outcome): readonly Event[] {
  if (outcome.outcome === 'event') return [outcome.event, ...outcome.derived]
  return outcome.outcome === 'duplicate' ? outcome.derived : []
}
