import type { TopicPartition } from '../log.js'
import { groupByTopic } from './group-by-topic.js'
import { type WireRequest, wireVersions } from './wire-request.js'

export interface ActiveProducer {
  readonly producerId: number
  /** Of its last record or marker there. */
  readonly epoch: number
  /** Of the coordinator that wrote its last marker there; -1 = there was none. */
  readonly coordinatorEpoch: number
  /** First offset of its open transaction; -1 = none is open. */
  readonly firstOffset: number
}

export interface PartitionProducers extends TopicPartition {
  readonly error: number
  readonly producers: readonly ActiveProducer[]
}

/** Who has written to partitions lately, and whose transactions are open there. Asked of their leader. */
export function describeProducersRequest(places: readonly TopicPartition[]): WireRequest<readonly PartitionProducers[]> {
  return {
    ...wireVersions.describeProducers,
    encode: out => {
      out.compactArray(groupByTopic(places), ([topic, list]) => {
        out.compactString(topic).compactArray(list, ({ partition }) => out.i32(partition))
        out.tags()
      })
      out.tags()
    },
    decode: from => {
      from.i32()
      const topics = from.compactArray(() => {
        const topic = from.compactString() ?? ''
        const partitions = from.compactArray(() => {
          const partition = from.i32()
          const error = from.i16()
          from.compactString()
          const producers = from.compactArray(() => {
            const producerId = from.i64()
            const epoch = from.i32()
            from.i32()
            from.i64()
            const coordinatorEpoch = from.i32()
            const firstOffset = from.i64()
            from.tags()
            return { producerId, epoch, coordinatorEpoch, firstOffset }
          })
          from.tags()
          return { topic, partition, error, producers }
        })
        from.tags()
        return partitions
      })
      return topics.flat()
    },
  }
}

/** The names behind producer ids, as far as this broker coordinates their transactions. */
export function listTransactionsRequest(producerIds: readonly number[]): WireRequest<ReadonlyMap<number, string>> {
  return {
    ...wireVersions.listTransactions,
    encode: out => {
      out.compactArray<string>([], () => undefined).compactArray(producerIds, id => out.i64(id))
      out.tags()
    },
    decode: from => {
      from.i32()
      from.i16()
      from.compactArray(() => from.compactString())
      const names = new Map<number, string>()
      from.compactArray(() => {
        const name = from.compactString() ?? ''
        names.set(from.i64(), name)
        from.compactString()
        from.tags()
      })
      return names
    },
  }
}

export interface DescribedTransaction {
  readonly error: number
  /** Kafka's name for it: Empty, Ongoing, PrepareCommit, CompleteCommit, … */
  readonly state: string
  readonly producerId: number
  readonly epoch: number
}

/** What the coordinator of a transactional id thinks of it; asking changes nothing. */
export function describeTransactionRequest(transactionalId: string): WireRequest<DescribedTransaction> {
  return {
    ...wireVersions.describeTransactions,
    encode: out => {
      out.compactArray([transactionalId], id => out.compactString(id))
      out.tags()
    },
    decode: from => {
      from.i32()
      const states = from.compactArray(() => {
        const error = from.i16()
        from.compactString()
        const state = from.compactString() ?? ''
        from.i32()
        from.i64()
        const producerId = from.i64()
        const epoch = from.i16()
        from.compactArray(() => {
          from.compactString()
          from.compactArray(() => from.i32())
          from.tags()
        })
        from.tags()
        return { error, state, producerId, epoch }
      })
      return states[0]!
    },
  }
}

/** The marker that ends a producer's transaction in a partition. */
export interface TransactionMarker extends TopicPartition {
  readonly producerId: number
  readonly epoch: number
  readonly coordinatorEpoch: number
  readonly commit: boolean
}

/** What coordinators send to the leader of each partition of a transaction. A client needs the right to alter the cluster. */
export function writeTxnMarkersRequest(
  markers: readonly TransactionMarker[],
): WireRequest<readonly (TopicPartition & { readonly error: number })[]> {
  return {
    ...wireVersions.writeTxnMarkers,
    encode: out => {
      out.compactArray(markers, ({ producerId, epoch, coordinatorEpoch, commit, topic, partition }) => {
        out
          .i64(producerId)
          .i16(epoch)
          .i8(commit ? 1 : 0)
        out.compactArray([topic], name => {
          out.compactString(name).compactArray([partition], index => out.i32(index))
          out.tags()
        })
        out.i32(coordinatorEpoch).tags()
      })
      out.tags()
    },
    decode: from => {
      const producers = from.compactArray(() => {
        from.i64()
        const topics = from.compactArray(() => {
          const topic = from.compactString() ?? ''
          const partitions = from.compactArray(() => {
            const answer = { topic, partition: from.i32(), error: from.i16() }
            from.tags()
            return answer
          })
          from.tags()
          return partitions
        })
        from.tags()
        return topics.flat()
      })
      return producers.flat()
    },
  }
}
