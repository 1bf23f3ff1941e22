import { type WireRequest, wireVersions } from './wire-request.js'

/** Which offset is asked for, as the protocol's pair of time and isolation level. */
export const marks = {
  low: { time: -2, isolation: 0 },
  stable: { time: -1, isolation: 1 },
  high: { time: -1, isolation: 0 },
} as const

export type Mark = keyof typeof marks

export interface ListedOffset {
  readonly partition: number
  readonly error: number
  readonly offset: number
}

export function listOffsetsRequest(topic: string, partitions: readonly number[], mark: Mark): WireRequest<readonly ListedOffset[]> {
  const { time, isolation } = marks[mark]
  return {
    ...wireVersions.listOffsets,
    encode: out => {
      out.i32(-1).i8(isolation).i32(1).string(topic)
      out.array(partitions, partition => out.i32(partition).i64(time))
    },
    decode: from => {
      from.i32()
      const topics = from.array(() => {
        from.string()
        return from.array(() => {
          const partition = from.i32()
          const error = from.i16()
          from.i64()
          return { partition, error, offset: from.i64() }
        })
      })
      return topics.flat()
    },
  }
}
