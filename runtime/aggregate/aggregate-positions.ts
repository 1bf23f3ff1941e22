import type { Aggregate } from '../../processors/aggregate.js'
import { positionKey } from '../../schemas/state-records.js'
import { type EventTopicId, type Naming, topicName } from '../../schemas/topics.js'
import { lastRecord } from '../last-record.js'
import type { Log, LogReader, LogRecord } from '../log.js'
import type { Codec } from '../registry/codec.js'
import type { Offsets } from './member.js'

export interface CommittedPosition {
  /** Null without a codec. */
  readonly next: Offsets | null
  /** Append time in ms; 0 = it has not committed yet. */
  readonly at: number
}

const nothingYet: CommittedPosition = { next: {}, at: 0 }

/**
 * The committed position of an aggregate per partition; null where no broker answers for it now. `codec` = null, since the registry is away:
 * of a position only its time is known.
 */
export async function aggregatePositions(
  log: Log,
  reader: LogReader,
  codec: Codec | null,
  { naming, partitions }: { readonly naming: Naming; readonly partitions: number },
  { name, to }: Pick<Aggregate, 'name' | 'to'>,
): Promise<readonly (CommittedPosition | null)[]> {
  const topic = topicName(to[0]!, naming)
  const key = Buffer.from(positionKey(name))
  const marks = await log.knownWatermarks(topic, [...Array(partitions).keys()])
  const read = (record: LogRecord) =>
    record.key?.equals(key) && record.value !== null ? { value: Buffer.from(record.value), at: record.timestamp } : undefined
  const positionIn = async (partition: number) => {
    const known = marks.get(partition)
    if (known === undefined) return null
    const last = await lastRecord(reader, topic, partition, known, read)
    if (last === undefined) return nothingYet
    await codec?.learn('state-position', [last.value])
    return { next: codec === null ? null : codec.decodePosition(last.value).next, at: last.at }
  }
  return Promise.all(Array.from({ length: partitions }, (_, p) => positionIn(p)))
}

/** Records of events that are not in the states yet (holes counted): between its position and the end of what route has made. */
export function aggregateLag(next: Offsets, ends: Offsets): number {
  return (Object.entries(ends) as [EventTopicId, number][]).reduce((sum, [topic, end]) => sum + Math.max(0, end - (next[topic] ?? 0)), 0)
}
