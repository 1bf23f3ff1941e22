import type { TopicPartition } from '../log.js'
import { groupByTopic } from './group-by-topic.js'
import { type WireRequest, wireVersions } from './wire-request.js'

/** Which offset is asked for: the protocol's pair of time (ms, or one of its signs) and isolation level. */
export interface OffsetQuery {
  readonly time: number
  readonly isolation: 0 | 1
}

export const marks = {
  low: { time: -2, isolation: 0 },
  stable: { time: -1, isolation: 1 },
  high: { time: -1, isolation: 0 },
} as const satisfies Record<string, OffsetQuery>

/** The first offset appended at or after this time; -1 = there is none. */
export const appendedSince = (time: number): OffsetQuery => ({ time, isolation: 0 })

export interface ListedOffset extends TopicPartition {
  readonly error: number
  readonly offset: number
}

export function listOffsetsRequest(
  places: readonly TopicPartition[],
  { time, isolation }: OffsetQuery,
): WireRequest<readonly ListedOffset[]> {
  return {
    ...wireVersions.listOffsets,
    encode: out => {
      out.i32(-1).i8(isolation)
      out.array(groupByTopic(places), ([topic, list]) => {
        out.string(topic)
        out.array(list, ({ partition }) => out.i32(partition).i64(time))
      })
    },
    decode: from => {
      from.i32()
      const topics = from.array(() => {
        const topic = from.string() ?? ''
        return from.array(() => {
          const partition = from.i32()
          const error = from.i16()
          from.i64()
          return { topic, partition, error, offset: from.i64() }
        })
      })
      return topics.flat()
    },
  }
}
