import { TributaryError } from '../../schemas/errors.js'
import { type EventTopicId, type TopicId, topicName } from '../../schemas/topics.js'
import { isMarker } from '../is-marker.js'
import type { Fetched, FetchPosition } from '../log.js'
import { type Cohort, consume } from './cohort.js'
import { relieve } from './relieve.js'
import type { SinkState } from './sink-state.js'
import { isBehind, readStates, type Table } from './snapshot/table.js'

/** What live reading asks for: every event topic, the ledger, and the tables that are not behind. */
export interface Question {
  readonly positions: readonly FetchPosition[]
  readonly tables: readonly Table[]
}

export function liveQuestion({ deps, partition, topics, live, ledgerNext, tables }: SinkState): Question {
  const at = (topic: TopicId, offset: number) => ({ topic: topicName(topic, deps.naming), partition, offset })
  const current = [...tables.values()].filter(table => !isBehind(table))
  return {
    positions: [
      ...topics.map(topic => at(topic, live.next.get(topic)!)),
      at('route-ledger', ledgerNext),
      ...current.map(table => at(table.topic, table.next)),
    ],
    tables: current,
  }
}

/** Takes in the answer. */
export async function readLive(state: SinkState, question: Question, fetched: readonly Fetched[]): Promise<void> {
  const { deps, live, coverage, tables, ledgers } = state
  for (const [i, topic] of state.topics.entries()) await readTopic(state, live, topic, fetched[i]!)
  const ledger = fetched[state.topics.length]!
  refuseLost(ledger)
  const values = ledger.records.map(record => record.value)
  await deps.codec.learn('route-ledger', values)
  for (const record of ledger.records)
    if (record.value !== null && record.key?.toString() === String(state.partition)) {
      const told = deps.codec.decodeLedger(record.value)
      coverage.onLedger(told, record.offset)
      for (const table of tables.values()) if (table.knowsLedger) table.coverage.onLedger(told, record.offset)
    }
  if (ledgers.next > 0) await ledgers.take(state.ledgerNext, ledger)
  state.ledgerNext = ledger.next
  coverage.advance(live.next, state.ledgerNext)
  for (const [i, table] of question.tables.entries())
    if (tables.get(table.topic) === table) await readStates(state, table, fetched[state.topics.length + 1 + i]!)
  state.atEnd = fetched.every(f => f.next >= f.stable)
  const now = deps.clock.monotonic()
  for (const member of live.members) if (member.openRows > 0) member.rowsSince ??= now
}

/** Renders what was fetched of one topic and moves the cohort's position; what does not fit into memory is flushed in between. */
export async function readTopic(state: SinkState, cohort: Cohort, topic: EventTopicId, fetched: Fetched): Promise<void> {
  const { codec } = state.deps
  refuseLost(fetched)
  if (cohort.members.length > 0) await codec.learn(topic, fetched.records.map(eventOf))
  let rest = fetched.records
  do {
    rest = consume(cohort, topic, { records: rest, next: fetched.next }, codec, state.share)
    await relieve(state)
  } while (rest.length > 0)
}

/** Markers are no events: they have no schema to learn. */
const eventOf = (record: Fetched['records'][number]) => (isMarker(record) ? null : record.value)

export function refuseLost({ topic, partition, lost }: Pick<Fetched, 'topic' | 'partition' | 'lost'>): void {
  if (lost) throw new TributaryError('OFFSET_LOST', `reading ${topic}/${partition}: it holds ${lost.low} to ${lost.high}`)
}
