import type { ByteReader } from './byte-reader.js'
import type { Destination } from './kafkajs-internals.js'
import { type WireRequest, wireVersions } from './wire-request.js'

export interface ClusterMetadata {
  readonly clusterId: string
  readonly brokers: readonly Destination[]
  readonly topics: readonly TopicMetadata[]
}

export interface TopicMetadata {
  readonly name: string
  readonly id: string
  readonly error: number
  readonly partitions: readonly PartitionMetadata[]
}

export interface PartitionMetadata {
  readonly partition: number
  readonly leader: number
}

const noId = Buffer.alloc(16)

/** Version 12: kafkajs's own has no topic ids. An empty list asks for the brokers alone. */
export function metadataRequest(topics: readonly string[]): WireRequest<ClusterMetadata> {
  return {
    ...wireVersions.metadata,
    encode: out => {
      out.compactArray(topics, name => out.raw(noId).compactString(name).tags())
      out.i8(0).i8(0).tags()
    },
    decode: from => {
      from.i32()
      const brokers = from.compactArray(() => {
        const broker = { node: from.i32(), host: from.compactString() ?? '', port: from.i32() }
        from.compactString()
        from.tags()
        return broker
      })
      const clusterId = from.compactString() ?? ''
      from.i32()
      return { clusterId, brokers, topics: from.compactArray(() => topicMetadata(from)) }
    },
  }
}

function topicMetadata(from: ByteReader): TopicMetadata {
  const error = from.i16()
  const name = from.compactString() ?? ''
  const id = from.uuid()
  from.i8()
  const partitions = from.compactArray(() => {
    from.i16()
    const partition = from.i32()
    const leader = from.i32()
    from.i32()
    for (let list = 0; list < 3; list++) from.compactArray(() => from.i32())
    from.tags()
    return { partition, leader }
  })
  from.i32()
  from.tags()
  return { name, id, error, partitions }
}
