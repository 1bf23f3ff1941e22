import { TributaryError } from '../../schemas/errors.js'
import type { OtherEvent } from '../../schemas/event.js'
import { headers } from '../../schemas/headers.js'
import { eventTopicIds, type TopicId, topicName } from '../../schemas/topics.js'
import { letterOf } from '../dead-letters/letter.js'
import { headerText, type LogRecord, type LogWriter } from '../log.js'
import { readRange } from '../read-range.js'
import { type Codec, openCodec } from '../registry/codec.js'
import type { Services } from '../services.js'
import { OwnRecords } from './own-records.js'
import type { RunOutcome } from './request.js'

const pollMs = 100
const derived = [...eventTopicIds, 'dead-letters'] as const

/** Remembers where a run's statements went, to look up in the log what route has made of them. */
export interface OutcomeReader {
  /** What is sent through it is the run's. */
  readonly writer: LogWriter
  /** Once route is past all of them. Reads what route has written since the run began: of most, the headers alone. */
  read(signal: AbortSignal): Promise<RunOutcome>
}

/** Before the first statement is sent: what is made of it lies behind the ends of now. */
export async function watchOutcome(services: Services, writer: LogWriter): Promise<OutcomeReader> {
  const { log, naming, config, clock } = services
  const partitions = [...Array(config.partitions).keys()]
  const xapi = topicName('xapi', naming)
  const endsOf = async (topic: TopicId) => [topic, await log.watermarks(topicName(topic, naming), partitions)] as const
  const before = new Map(await Promise.all(derived.map(endsOf)))
  const own = new OwnRecords()
  let published = 0
  let codec: Codec | undefined

  /** A repeated answer counts once. What is derived from a statement is none of these: a repeat may bring an attribution, and is a repeat. */
  async function eventsOf(
    partition: number,
    span: { readonly first: number; readonly last: number },
    signal: AbortSignal,
  ): Promise<number> {
    const met = new Uint8Array(Math.ceil((span.last - span.first + 1) / 8))
    let events = 0
    for (const topic of eventTopicIds)
      await eachSince(topic, partition, signal, async records => {
        const ours = records.flatMap(record => {
          const [home, offset] = (headerText(record, headers.src) ?? '').split('/').map(Number) as [number, number]
          return home === partition && own.has(partition, offset) ? [{ record, offset }] : []
        })
        const derivedIn = topic === 'events.other' ? await derivedOnes(ours.map(({ record }) => record)) : null
        for (const { record, offset } of ours) {
          if (derivedIn?.has(record)) continue
          const [at, bit] = [(offset - span.first) >> 3, 1 << ((offset - span.first) & 7)]
          if ((met[at]! & bit) === 0) events++
          met[at]! |= bit
        }
      })
    return events
  }

  async function derivedOnes(records: readonly LogRecord[]): Promise<ReadonlySet<LogRecord>> {
    if (records.length === 0) return new Set()
    codec ??= await openCodec(services.registry, naming)
    const known = codec
    await known.learn(
      'events.other',
      records.map(({ value }) => value),
    )
    return new Set(records.filter(({ value }) => (known.decodeEvent('events.other', value!) as OtherEvent).parent !== null))
  }

  /**
   * What was written so far. Route's transaction is committed in its ledger, maybe not in this partition yet: its markers come one by one.
   * So all that is there now has to be decided first.
   */
  async function decidedEnd(topic: string, partition: number, signal: AbortSignal): Promise<number> {
    const marks = async () => (await log.watermarks(topic, [partition])).get(partition)!
    const { high } = await marks()
    while ((await marks()).stable < high) {
      if (signal.aborted)
        throw new TributaryError(
          'INCOMPLETE',
          `reading the outcome of the run was stopped before ${topic}/${partition} @ ${high} was decided`,
        )
      await clock.sleep(pollMs, signal)
    }
    return high
  }

  async function eachSince(
    topic: (typeof derived)[number],
    partition: number,
    signal: AbortSignal,
    onRecords: (records: readonly LogRecord[]) => void | Promise<void>,
  ): Promise<void> {
    const name = topicName(topic, naming)
    const to = await decidedEnd(name, partition, signal)
    const reader = log.reader()
    const range = { topic: name, partition, from: before.get(topic)!.get(partition)!.stable, to }
    await readRange(reader, range, onRecords).finally(() => reader.close())
  }

  return {
    writer: {
      close: () => writer.close(),
      async send(batches) {
        const appended = await writer.send(batches)
        for (const each of appended)
          if (each.topic === xapi) {
            own.add(each)
            published += each.last - each.first + 1
          }
        return appended
      },
    },
    async read(signal) {
      let events = 0
      const deadLetters: Record<string, number> = {}
      for (const partition of partitions) {
        const span = own.span(partition)
        if (span !== null) events += await eventsOf(partition, span, signal)
        await eachSince('dead-letters', partition, signal, records => {
          for (const record of records) {
            const { from, code } = letterOf(record, partition)
            if (from?.topic === xapi && own.has(from.partition, from.offset)) deadLetters[code] = (deadLetters[code] ?? 0) + 1
          }
        })
      }
      const refused = Object.values(deadLetters).reduce((sum, n) => sum + n, 0)
      return { events, duplicates: published - events - refused, deadLetters }
    },
  }
}
