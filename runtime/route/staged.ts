import { createHash } from 'node:crypto'
import { addAppended, addOutcome, type Ledger, skipTo, toRouteLedger } from '../../processors/route/ledger.js'
import { type Outcome, route } from '../../processors/route/route.js'
import { seenKey } from '../../processors/route/seen-key.js'
import { instantText } from '../../schemas/dataset-spec.js'
import { deadLetterId, deadLetterIdOf } from '../../schemas/dead-letter-id.js'
import type { Event } from '../../schemas/event.js'
import { headers as names } from '../../schemas/headers.js'
import { routeLedgerKey } from '../../schemas/route-ledger.js'
import { encodeRouteSeen } from '../../schemas/route-seen.js'
import { type EventTopicId, eventTopicIds, topicName, topicOfKind } from '../../schemas/topics.js'
import { type Appended, headerText, type LogRecord, type OutRecord, type PartitionBatch } from '../log.js'
import type { StateStore } from '../state/state-store.js'
import type { RouteDeps } from './route-task.js'

/** What one transaction will write: outputs of its records, in a view of the store that nobody else sees before the commit. */
export interface Staged {
  readonly records: number
  readonly inputBytes: number
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

const headBytes = 64 * 1024

export function stage(deps: RouteDeps, partition: number, store: Pick<StateStore, 'has'>, ledger: Ledger): Staged {
  const stagedKeys = new Set<string>()
  const seenKeys: Buffer[] = []
  const events = new Map<EventTopicId, Outputs>()
  const deadLetters: OutRecord[] = []
  const moved = new Map<number, OutRecord[]>()
  const xapi = topicName('xapi', deps.naming)
  const context = {
    partitions: deps.partitions,
    seen: (key: Buffer) => stagedKeys.has(key.toString('latin1')) || store.has(key),
  }
  const outOf = (topic: EventTopicId) => {
    const known = events.get(topic)
    if (known) return known
    const made: Outputs = { records: [], accounts: [] }
    events.set(topic, made)
    return made
  }

  function emit(key: Buffer, event: Event, provenance: OutRecord['headers'] & object): void {
    const id = seenKey(event)
    stagedKeys.add(id.toString('latin1'))
    seenKeys.push(id)
    const topic = topicOfKind[event.kind]
    const out = outOf(topic)
    const headers = [[names.id, event.id.toString('hex')], [names.at, instantText(event.at)], ...provenance] as const
    out.records.push({ key, value: deps.codec.encodeEvent(topic, event), headers })
    out.accounts.push({ kind: event.kind, host: event.host, section: event.section })
  }

  function provenanceOf(record: LogRecord): (readonly [string, string])[] {
    const list: [string, string][] = [[names.src, `${partition}/${record.offset}`]]
    for (const [name, value] of record.headers) if (name === names.source || name === names.received) list.push([name, value.toString()])
    return list
  }

  const staged = {
    records: 0,
    inputBytes: 0,
    seenKeys,
    add(record: LogRecord) {
      staged.records++
      staged.inputBytes += record.value?.length ?? 0
      const outcome: Outcome = route.step(
        {
          value: record.value,
          partition,
          marker: headerText(record, names.marker),
          placed: headerText(record, names.placed),
          assignedId: headerText(record, names.assignedId),
        },
        context,
      )
      addOutcome(ledger, outcome, { offset: record.offset, received: record.timestamp })
      switch (outcome.outcome) {
        case 'event':
        case 'duplicate': {
          const key = Buffer.from(outcome.key)
          const provenance = provenanceOf(record)
          if (outcome.outcome === 'event') emit(key, outcome.event, provenance)
          for (const derived of outcome.derived) emit(key, derived, provenance)
          return
        }
        case 'misplaced': {
          const records = moved.get(outcome.partition) ?? []
          moved.set(outcome.partition, records)
          const headers = [...record.headers, [names.placed, `${partition}/${record.offset}`] as const]
          records.push({ key: Buffer.from(outcome.key), value: copy(record.value), headers })
          return
        }
        case 'marker':
          for (const topic of eventTopicIds) {
            const out = outOf(topic)
            out.records.push({
              key: Buffer.from(`marker|${outcome.marker.run}`),
              value: copy(record.value),
              headers: [[names.marker, outcome.marker.kind]],
            })
            out.accounts.push(null)
          }
          return
        case 'dead-letter':
          deadLetters.push(deadLetter(record, outcome.refusal, xapi, partition, deps.maxMessageBytes))
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
        key: Buffer.from(routeLedgerKey(record.partition, record.host, record.section)),
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

/** The line of an object that a record was read from: read again, it has another offset, and must be the same dead letter. */
function lineOf(source: string | undefined): { readonly object: string; readonly line: number } | null {
  const found = /^(s3:\/\/.+)#(\d+)$/s.exec(source ?? '')
  return found === null ? null : { object: found[1]!, line: Number(found[2]) }
}

/** What a replay has to give back: an id that ingest gave is part of the identity. */
const kept: ReadonlySet<string> = new Set([names.source, names.received, names.assignedId])

function deadLetter(
  record: LogRecord,
  refusal: { readonly code: string; readonly reason: string },
  topic: string,
  partition: number,
  limit: number,
): OutRecord {
  const replayed = deadLetterIdOf(headerText(record, names.replay))
  const id = replayed ?? deadLetterId(lineOf(headerText(record, names.source)) ?? { topic, partition, offset: record.offset })
  const value = record.value
  const cut = value !== null && value.length > limit
  const headers: (readonly [string, string])[] = [
    [names.id, id],
    [names.code, refusal.code],
    [names.reason, refusal.reason],
    [names.topic, topic],
    [names.partition, String(partition)],
    [names.offset, String(record.offset)],
    ...(cut
      ? ([
          [names.length, String(value.length)],
          [names.sha256, createHash('sha256').update(value).digest('hex')],
        ] as const)
      : []),
  ]
  for (const [name, text] of record.headers) if (kept.has(name)) headers.push([name, text.toString()])
  return { key: Buffer.from(id), value: cut ? Buffer.from(value.subarray(0, headBytes)) : copy(value), headers }
}
