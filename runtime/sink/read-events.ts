import { TributaryError } from '../../schemas/errors.js'
import { type EventTopicId, topicName } from '../../schemas/topics.js'
import { isMarker } from '../is-marker.js'
import type { Fetched, FetchPosition } from '../log.js'
import { type Cohort, consume, openRows } from './cohort.js'
import type { SinkState } from './sink-state.js'

/** Where live reading stands: every event topic, and last the ledger. */
export function livePositions({ deps, partition, topics, live, ledgerNext }: SinkState): FetchPosition[] {
  const at = (topic: EventTopicId) => ({ topic: topicName(topic, deps.naming), partition, offset: live.next.get(topic)! })
  return [...topics.map(at), { topic: topicName('route-ledger', deps.naming), partition, offset: ledgerNext }]
}

/** Takes in the answer to `livePositions`. */
export async function readLive(state: SinkState, fetched: readonly Fetched[]): Promise<void> {
  const { deps, live, coverage } = state
  const before = openRows(live)
  for (const [i, topic] of state.topics.entries()) await readTopic(state, live, topic, fetched[i]!)
  const ledger = fetched.at(-1)!
  refuseLost(ledger)
  const values = ledger.records.map(record => record.value)
  await deps.codec.learn('route-ledger', values)
  for (const record of ledger.records)
    if (record.value !== null && record.key?.toString() === String(state.partition))
      coverage.onLedger(deps.codec.decodeLedger(record.value), record.offset)
  state.ledgerNext = ledger.next
  coverage.advance(live.next, state.ledgerNext)
  state.atEnd = fetched.every(f => f.next >= f.stable)
  if (before === 0 && openRows(live) > 0) state.rowsSince = deps.clock.now()
}

/** Renders what was fetched of one topic and moves the cohort's position. */
export async function readTopic({ deps }: SinkState, cohort: Cohort, topic: EventTopicId, fetched: Fetched): Promise<void> {
  refuseLost(fetched)
  if (cohort.members.length > 0) await deps.codec.learn(topic, fetched.records.map(eventOf))
  consume(cohort, topic, fetched, deps.codec)
}

/** Markers are no events: they have no schema to learn. */
const eventOf = (record: Fetched['records'][number]) => (isMarker(record) ? null : record.value)

function refuseLost({ topic, partition, lost }: Fetched): void {
  if (lost) throw new TributaryError('OFFSET_LOST', `reading ${topic}/${partition}: it holds ${lost.low} to ${lost.high}`)
}
