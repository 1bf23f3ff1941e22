import type { Source } from '../../producers/source.js'
import { deadLetterId } from '../../schemas/dead-letter-id.js'
import { TributaryError } from '../../schemas/errors.js'
import { headers as names } from '../../schemas/headers.js'
import { partitionOf } from '../../schemas/partition.js'
import type { ObjectRecord } from '../../schemas/sources.js'
import { eventTopicIds, topicName } from '../../schemas/topics.js'
import { headerText } from '../log.js'
import { walkRange } from '../read-range.js'
import { readRecord } from '../read-record.js'
import { type DatasetVerdict, datasetVerdicts } from './dataset-verdicts.js'
import { type EventAt, findEvent } from './event-at.js'
import type { Explaining } from './explaining.js'
import { type Fate, fateOf, findLetter, findTold, routePosition, toldBy } from './fate.js'
import type { Explained } from './places.js'
import { objectRecordOf, readSourceLine, type SourceLine } from './source-line.js'
import { type StatementAt, statementAt } from './statement-at.js'

/** What has become of a statement: in which datasets it is, or what kept it out. */
export interface ExplainedStatement {
  /** The line that was asked for; null = a record or an event was. */
  readonly line: {
    readonly source: string
    readonly found: SourceLine | { readonly is: 'no object' }
    /** What the ledger says of the object; null = it was not read to its end. */
    readonly read: ObjectRecord | null
    /** The object is another one now than it was when it was read. */
    readonly changed: boolean
  } | null
  /** As it lies in `xapi`; null = it does not, or is named only by its line. */
  readonly statement: StatementAt | null
  readonly fate: Fate
  /** Of its event, or of the one that it repeats; empty = there is none. */
  readonly datasets: readonly DatasetVerdict[]
}

export async function explainRecord(
  e: Explaining,
  { partition, offset }: Extract<Explained, { is: 'record' }>,
): Promise<ExplainedStatement> {
  const topic = topicName('xapi', e.services.naming)
  if (partition >= e.services.config.partitions)
    throw new TributaryError('WRONG_USAGE', `${topic} has partitions 0 to ${e.services.config.partitions - 1}`)
  const record = await readRecord(e.reader, topic, partition, offset)
  if (record === null) throw new TributaryError('WRONG_USAGE', `${topic}/${partition} has no record at offset ${offset}`)
  return explained(e, await fateOf(e, partition, record), await statementAt(e, { partition, offset }))
}

export async function explainEvent(e: Explaining, id: string): Promise<ExplainedStatement> {
  for (const topic of eventTopicIds) {
    const marks = await e.services.log.watermarks(topicName(topic, e.services.naming), [...Array(e.services.config.partitions).keys()])
    for (const [partition, { low, stable }] of marks) {
      const event = await findEvent(e, { topic, partition, from: low, to: stable }, id)
      if (event !== null) return explained(e, { is: 'event', event }, event.src === null ? null : await statementAt(e, event.src))
    }
  }
  throw new TributaryError('WRONG_USAGE', `there is no event ${id}; is it a dead letter? \`tributary dead-letters show ${id}\``)
}

async function explained(e: Explaining, fate: Fate, statement: StatementAt | null): Promise<ExplainedStatement> {
  const event = eventOf(fate)
  return { line: null, statement, fate, datasets: event === null ? [] : await datasetVerdicts(e, event) }
}

export function eventOf(fate: Fate): EventAt | null {
  if (fate.is === 'event') return fate.event
  if (fate.is === 'repeat') return fate.of
  return fate.is === 'moved' && fate.copy !== null ? eventOf(fate.copy) : null
}

/** From a line of a source object to what became of it. The line itself is read, so this works before any backfill too. */
export async function explainLine(
  e: Explaining,
  sources: readonly Source[],
  { bucket, key, line }: Extract<Explained, { is: 'line' }>,
): Promise<ExplainedStatement> {
  const object = `s3://${bucket}/${key}`
  const source = `${object}#${line}`
  const info = await e.services.store.head(bucket, key)
  const read = await objectRecordOf(e.services, { bucket, key })
  const found = info === null ? ({ is: 'no object' } as const) : await readSourceLine(e.services, sources[0]!, bucket, info, line)
  const told = { source, found, read, changed: read !== null && info !== null && read.etag !== info.etag }
  const fate = await fateOfLine(e, { object, line, source }, found, read)
  const event = eventOf(fate)
  const statement = event?.source === source && event.src !== null ? await statementAt(e, event.src) : null
  return { line: told, statement, fate, datasets: event === null ? [] : await datasetVerdicts(e, event) }
}

async function fateOfLine(
  e: Explaining,
  { object, line, source }: { readonly object: string; readonly line: number; readonly source: string },
  found: SourceLine | { readonly is: 'no object' },
  read: ObjectRecord | null,
): Promise<Fate> {
  const { partitions } = e.services.config
  if (found.is === 'no object') return { is: 'not in xapi', why: 'there is no such object' }
  if (found.is === 'blank') return { is: 'not in xapi', why: 'the line is blank' }
  if (found.is === 'absent') return { is: 'not in xapi', why: `the object has ${found.lines} lines` }
  const id = deadLetterId({ object, line })
  const letterIn = (partition: number) => findLetter(e, partition, letter => letter.id === id)
  if (found.is !== 'statement') {
    // It never enters `xapi`: backfill itself makes the letter, in the partition of its id.
    const letter = await letterIn(partitionOf(Buffer.from(id), partitions))
    return letter === null ? notRead(read) : { is: 'refused', letter }
  }
  const told = toldBy(e, found.bytes)
  const event = told === null ? null : await findTold(e, told)
  if (event?.source === source) return { is: 'event', event }
  // What another line told first is a repeat of it, once this line was read too.
  if (event !== null && read !== null) return { is: 'repeat', of: event }
  const home = told?.partition ?? null
  for (const partition of home === null ? [...Array(partitions).keys()] : [home]) {
    const letter = await letterIn(partition)
    if (letter !== null) return { is: 'refused', letter }
    const offset = await offsetOfSource(e, partition, source)
    if (offset === null) continue
    const position = routePosition(e, partition)
    if (offset >= position) return { is: 'waiting', at: { partition, offset }, position }
    return event === null ? { is: 'lost' } : { is: 'repeat', of: event }
  }
  return notRead(read)
}

function notRead(read: ObjectRecord | null): Fate {
  if (read === null) return { is: 'not in xapi', why: 'no backfill has read the object to its end' }
  return {
    is: 'not in xapi',
    why: `the object was read at ${read.at} by run ${read.run}, but not this line: was it another version of it?`,
  }
}

async function offsetOfSource(e: Explaining, partition: number, source: string): Promise<number | null> {
  const topic = topicName('xapi', e.services.naming)
  const { low, stable } = (await e.services.log.watermarks(topic, [partition])).get(partition)!
  for await (const { records } of walkRange(e.reader, { topic, partition, from: low, to: stable }))
    for (const record of records) if (headerText(record, names.source) === source) return record.offset
  return null
}
