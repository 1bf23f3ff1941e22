import type { FetchLimits } from '../log.js'
import type { ByteReader } from './byte-reader.js'
import type { AbortedTransaction } from './committed-filter.js'
import { groupByTopic } from './group-by-topic.js'
import { type WireRequest, wireVersions } from './wire-request.js'

export interface PartitionAsk {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly maxBytes: number
}

export interface PartitionAnswer {
  readonly topic: string
  readonly partition: number
  readonly error: number
  readonly high: number
  readonly stable: number
  readonly low: number
  readonly aborted: readonly AbortedTransaction[]
  readonly bytes: Buffer
}

export interface FetchAnswer {
  readonly error: number
  readonly partitions: readonly PartitionAnswer[]
}

const empty = Buffer.alloc(0)
const readCommitted = 1

/** Version 11, without a fetch session: the broker keeps nothing about us between two requests. */
export function fetchRequest(asks: readonly PartitionAsk[], limits: FetchLimits): WireRequest<FetchAnswer> {
  const byTopic = groupByTopic(asks)
  return {
    ...wireVersions.fetch,
    timeoutMs: limits.maxWaitMs + 30_000,
    sizeHint: 128 + asks.length * 96,
    encode: out => {
      out.i32(-1).i32(limits.maxWaitMs).i32(1).i32(limits.maxBytes).i8(readCommitted).i32(0).i32(-1)
      out.array(byTopic, ([topic, list]) => {
        out.string(topic)
        out.array(list, ask => out.i32(ask.partition).i32(-1).i64(ask.offset).i64(-1).i32(ask.maxBytes))
      })
      out.i32(0).string('')
    },
    decode: from => {
      from.i32()
      const error = from.i16()
      from.i32()
      return { error, partitions: from.array(() => topicAnswers(from)).flat() }
    },
  }
}

function topicAnswers(from: ByteReader): PartitionAnswer[] {
  const topic = from.string() ?? ''
  return from.array(() => {
    const partition = from.i32()
    const error = from.i16()
    const high = from.i64()
    const stable = from.i64()
    const low = from.i64()
    const aborted = from.array(() => ({ producerId: from.i64(), firstOffset: from.i64() }))
    from.i32()
    return { topic, partition, error, high, stable, low, aborted, bytes: from.bytes() ?? empty }
  })
}
