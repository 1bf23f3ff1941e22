import { instantText } from '../../schemas/dataset-spec.js'
import type { Event } from '../../schemas/event.js'
import { headers as names } from '../../schemas/headers.js'
import { routeLedgerKey } from '../../schemas/route-ledger.js'
import { type EventTopicId, topicName } from '../../schemas/topics.js'
import type { Renderer } from '../../sinks/format.js'
import type { Place } from '../dead-letters/letter.js'
import { headerText, type LogRecord } from '../log.js'
import { walkRange } from '../read-range.js'
import type { Explaining } from './explaining.js'

/** An event where it stands in its topic, and where it came from. */
export interface EventAt extends Place {
  readonly topic: EventTopicId
  /** 32 hex digits. */
  readonly id: string
  readonly event: Event
  /** The `xapi` record that it was made from. */
  readonly src: Place | null
  readonly source: string | null
}

export interface EventRange {
  readonly topic: EventTopicId
  readonly partition: number
  readonly from: number
  /** Not included. */
  readonly to: number
}

/** The records of a range that are events and no markers. The views are good until the next one is asked for. */
export async function* eventRecords(e: Pick<Explaining, 'services' | 'reader'>, range: EventRange): AsyncGenerator<LogRecord> {
  const topic = topicName(range.topic, e.services.naming)
  for await (const { records } of walkRange(e.reader, { ...range, topic }))
    for (const record of records) {
      if (record.offset >= range.to) return
      if (record.value !== null && headerText(record, names.marker) === undefined) yield record
    }
}

export async function decodeAt(
  { codec }: Explaining,
  { topic, partition }: Pick<EventRange, 'topic' | 'partition'>,
  record: LogRecord,
): Promise<EventAt> {
  await codec.learn(topic, [record.value])
  const event = codec.decodeEvent(topic, record.value!)
  const [from, offset] = (headerText(record, names.src) ?? '').split('/').map(Number)
  return {
    topic,
    partition,
    offset: record.offset,
    id: event.id,
    event,
    src: Number.isSafeInteger(from) && Number.isSafeInteger(offset) ? { partition: from!, offset: offset! } : null,
    source: headerText(record, names.source) ?? null,
  }
}

/** The events of a range that become rows, in their order: row n of a file is the n-th of its range. */
export async function* rowsIn(e: Explaining, range: EventRange, renderer: Renderer<Event>): AsyncGenerator<EventAt> {
  for await (const record of eventRecords(e, range)) {
    const at = await decodeAt(e, range, record)
    if (renderer.accepts(at.event)) yield at
  }
}

/** Where the ledger says that events of a section are, as of the call. Null = it has none there. */
export function sectionRange(
  { tables }: Explaining,
  topic: EventTopicId,
  partition: number,
  { host, section }: Pick<Event, 'host' | 'section'>,
): EventRange | null {
  const ofKey = (rest: boolean) => tables.ledgers.get(routeLedgerKey({ partition, host, section, rest }))
  // Where there are very many sections, the later ones share a record.
  const span = (ofKey(false) ?? ofKey(true))?.spans[topic]
  return span === undefined ? null : { topic, partition, from: span.first, to: span.last + 1 }
}

/** The event with this id, by its header: nothing else is decoded. */
export async function findEvent(e: Explaining, range: EventRange | null, id: string): Promise<EventAt | null> {
  if (range === null) return null
  for await (const record of eventRecords(e, range)) if (headerText(record, names.id) === id) return decodeAt(e, range, record)
  return null
}

/** For scripts: times as ISO text. */
export function eventDocument({ topic, partition, offset, id, event, src, source }: EventAt): object {
  return { topic, partition, offset, id, src, source, event: { ...event, at: instantText(event.at) } }
}
