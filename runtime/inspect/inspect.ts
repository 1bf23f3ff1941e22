import { TributaryError } from '../../schemas/errors.js'
import { writerSchemas } from '../registry/writer-schemas.js'
import type { Services } from '../services.js'
import { followedRecords } from './followed-records.js'
import { homeOfKey } from './home-of-key.js'
import { lastRecords } from './last-records.js'
import { mergedRecords } from './merged-records.js'
import type { RecordFilter } from './record-filter.js'
import { type Bound, recordSpans } from './record-spans.js'
import { resolveTopic } from './resolve-topic.js'
import type { ShownRecord } from './shown-record.js'

export interface InspectRequest {
  readonly topic: string
  readonly key: string | null
  readonly partition: number | null
  readonly from: Bound | null
  readonly to: Bound | null
  readonly filter: RecordFilter | null
  /** Null = all from `from` on; without `from` the last twenty. */
  readonly limit: number | null
  readonly follow: boolean
}

export interface InspectEvents {
  /** False = nobody wants more. */
  record(record: ShownRecord): Promise<boolean>
  /** So many records were read so far, before the first is shown. */
  progress(read: number): void
}

const lastFew = 20

/** Shows committed records of a topic, decoded: the last ones, or those from a place on; then, if asked, what comes. Changes nothing. */
export async function inspect(services: Services, request: InspectRequest, events: InspectEvents, signal: AbortSignal): Promise<void> {
  const { log } = services
  const topic = resolveTopic(request.topic, services.naming)
  const there = (await log.describeTopics([topic.name])).get(topic.name)
  if (there === undefined) throw new TributaryError('TOPIC_MISSING', topic.name)
  const home = request.key === null ? null : homeOfKey(topic.id, request.key, there.partitions)
  const only = request.partition ?? home
  if (only !== null && only >= there.partitions)
    throw new TributaryError('WRONG_USAGE', `${topic.name} has partitions 0 to ${there.partitions - 1}`)
  const partitions = only === null ? [...Array(there.partitions).keys()] : [only]
  const matches = (record: ShownRecord) =>
    (request.key === null || record.key === request.key) && (request.filter === null || request.filter(record))

  const schemas = writerSchemas(services.registry)
  const reader = log.reader()
  try {
    const spans = await recordSpans(log, topic.name, partitions, request.from, request.to)
    let left = request.limit ?? (request.from === null ? lastFew : Number.POSITIVE_INFINITY)
    const show = async (record: ShownRecord) => {
      if (signal.aborted || left <= 0) return false
      if (!matches(record)) return true
      left--
      return (await events.record(record)) && left > 0
    }
    if (request.from === null) {
      let read = 0
      const onRead = (records: number) => {
        if (signal.aborted) throw new TributaryError('INCOMPLETE', 'stopped by a signal')
        read += records
        events.progress(read)
      }
      const last = await lastRecords(reader, topic, spans, { most: left, matches }, schemas, onRead)
      for (const record of last) if (!(await events.record(record))) return
      left = Number.POSITIVE_INFINITY
    } else {
      for await (const record of mergedRecords(reader, topic, spans, schemas)) if (!(await show(record))) return
    }
    if (!request.follow) return
    const next = new Map(spans.map(({ partition, to }) => [partition, to]))
    for await (const record of followedRecords(reader, topic, next, schemas, signal)) if (!(await show(record))) return
  } finally {
    await reader.close()
  }
}
