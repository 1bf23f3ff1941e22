import { systemClock } from '../clock.js'
import type { ByteWriter } from './byte-writer.js'
import type { Codec } from './codec.js'
import { type BatchProducer, type BatchRange, encodeBatch } from './record-batch-encoder.js'
import { type WireRequest, wireVersions } from './wire-request.js'

export interface PartitionProduce extends BatchRange {
  readonly topic: string
  readonly partition: number
  /** Upper bound of the batch in bytes. */
  readonly bytes: number
}

export interface PartitionProduced {
  readonly topic: string
  readonly partition: number
  readonly error: number
  readonly baseOffset: number
}

/** How long the broker may wait for its followers. */
const followersMs = 15_000

/** Version 12: producing to a partition adds it to the transaction. One batch per partition, as the protocol demands. */
export function produceRequest(
  partitions: readonly PartitionProduce[],
  producer: BatchProducer,
  transactionalId: string | null,
  codec: Codec,
): WireRequest<readonly PartitionProduced[]> {
  const byTopic = new Map<string, PartitionProduce[]>()
  for (const partition of partitions) {
    const same = byTopic.get(partition.topic)
    if (same === undefined) byTopic.set(partition.topic, [partition])
    else same.push(partition)
  }
  return {
    ...wireVersions.produce,
    sizeHint: 256 + partitions.reduce((sum, p) => sum + p.bytes + p.topic.length + 32, 0),
    encode: out => {
      // Topics have LogAppendTime: the broker puts its own in its place.
      const now = systemClock.now()
      out.compactString(transactionalId).i16(-1).i32(followersMs)
      out.compactArray([...byTopic], ([topic, list]) => {
        out.compactString(topic)
        out.compactArray(list, range => {
          out.i32(range.partition)
          sizedBytes(out, () => encodeBatch(out, range, producer, codec, now))
          out.tags()
        })
        out.tags()
      })
      out.tags()
    },
    decode: from => {
      const produced: PartitionProduced[] = []
      from.compactArray(() => {
        const topic = from.compactString() ?? ''
        from.compactArray(() => {
          const partition = from.i32()
          const error = from.i16()
          produced.push({ topic, partition, error, baseOffset: from.i64() })
          from.i64()
          from.i64()
          from.compactArray(() => {
            from.i32()
            from.compactString()
            from.tags()
          })
          from.compactString()
          from.tags()
        })
        from.tags()
      })
      return produced
    },
  }
}

/** The length before bytes whose length is not known yet: always five bytes wide, which the protocol's varints allow. */
function sizedBytes(out: ByteWriter, write: () => void): void {
  const at = out.offset
  out.i32(0).i8(0)
  write()
  let value = out.offset - at - 5 + 1
  for (let i = 0; i < 4; i++) {
    out.buf[at + i] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  out.buf[at + 4] = value
}
