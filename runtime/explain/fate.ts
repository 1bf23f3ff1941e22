import { interpret } from '../../processors/route/interpret.js'
import { headers as names } from '../../schemas/headers.js'
import { parseMarker } from '../../schemas/marker.js'
import { partitionOf } from '../../schemas/partition.js'
import { topicName, topicOfKind } from '../../schemas/topics.js'
import { type Letter, letterOf, type Place } from '../dead-letters/letter.js'
import { headerText, type LogRecord } from '../log.js'
import { walkRange } from '../read-range.js'
import { readRecord } from '../read-record.js'
import { type EventAt, findEvent, sectionRange } from './event-at.js'
import type { Explaining } from './explaining.js'

/** What has become of a statement. */
export type Fate =
  | { readonly is: 'event'; readonly event: EventAt }
  /** It tells what an earlier record told. */
  | { readonly is: 'repeat'; readonly of: EventAt }
  | { readonly is: 'refused'; readonly letter: LetterAt }
  /** Route has not come so far; `position` is the next offset that it reads. */
  | { readonly is: 'waiting'; readonly at: Place; readonly position: number }
  /** It was produced to a wrong partition; `copy` is what became of it there. */
  | { readonly is: 'moved'; readonly to: number; readonly copy: Fate | null }
  | { readonly is: 'marker'; readonly run: string }
  | { readonly is: 'not in xapi'; readonly why: string }
  /** Route is past it, and there is no trace of it: a broken promise, unless the rules have changed. */
  | { readonly is: 'lost' }

export interface LetterAt extends Place {
  readonly id: string
  readonly code: string
  readonly reason: string
}

/** Next `xapi` offset of route, as of the call. */
export const routePosition = ({ tables }: Explaining, partition: number) => tables.ledgers.get(String(partition))?.position?.next ?? 0

/** The one outcome of a record of `xapi`, found in what route has written. */
export async function fateOf(e: Explaining, partition: number, record: LogRecord): Promise<Fate> {
  const marker = headerText(record, names.marker) === undefined ? undefined : parseMarker(record.value)
  if (marker !== undefined) return { is: 'marker', run: marker.run }
  const at = { partition, offset: record.offset }
  const position = routePosition(e, partition)
  if (record.offset >= position) return { is: 'waiting', at, position }
  const letter = await findLetter(e, partition, ({ from }) => from?.partition === partition && from.offset === record.offset)
  if (letter !== null) return { is: 'refused', letter }
  const told = toldBy(e, record.value, headerText(record, names.assignedId))
  if (told === null) return { is: 'lost' }
  const found = await findTold(e, told)
  const moved = told.partition !== partition
  const own = found?.src ? (moved ? await isCopyOf(e, found.src, at) : samePlace(found.src, at)) : false
  const fate: Fate = found === null ? { is: 'lost' } : own ? { is: 'event', event: found } : { is: 'repeat', of: found }
  return moved ? { is: 'moved', to: told.partition, copy: found === null ? null : fate } : fate
}

const samePlace = (a: Place, b: Place) => a.partition === b.partition && a.offset === b.offset

/** A record that route has moved names the place that it was moved from. */
async function isCopyOf({ services, reader }: Explaining, copy: Place, original: Place): Promise<boolean> {
  const record = await readRecord(reader, topicName('xapi', services.naming), copy.partition, copy.offset)
  return record !== null && headerText(record, names.placed) === `${original.partition}/${original.offset}`
}

export interface Told {
  readonly partition: number
  readonly id: string
  readonly host: string
  readonly section: string
  readonly topic: EventAt['topic']
}

/** What the rules of this release make of the bytes; null = they refuse them. */
export function toldBy({ services }: Explaining, bytes: Buffer | null, assignedId?: string): Told | null {
  const result = interpret(bytes, assignedId === undefined ? {} : { assignedId })
  if (!result.ok) return null
  const { event, key } = result
  return {
    partition: partitionOf(Buffer.from(key), services.config.partitions),
    id: event.id,
    host: event.host,
    section: event.section,
    topic: topicOfKind[event.kind],
  }
}

export const findTold = (e: Explaining, told: Told) => findEvent(e, sectionRange(e, told.topic, told.partition, told), told.id)

/** The newest such letter of a partition. */
export async function findLetter(e: Explaining, partition: number, is: (letter: Letter) => boolean): Promise<LetterAt | null> {
  const topic = topicName('dead-letters', e.services.naming)
  const { low, stable } = (await e.services.log.watermarks(topic, [partition])).get(partition)!
  let found: LetterAt | null = null
  for await (const { records } of walkRange(e.reader, { topic, partition, from: low, to: stable }))
    for (const record of records) {
      const letter = letterOf(record, partition)
      if (is(letter)) found = { id: letter.id, code: letter.code, reason: letter.reason, ...letter.at }
    }
  return found
}
