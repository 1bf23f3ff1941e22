import { type WireRequest, wireVersions } from './wire-request.js'

export interface ActiveProducer {
  readonly producerId: number
  /** First offset of its open transaction; -1 = none is open. */
  readonly firstOffset: number
}

/** Who has written to a partition lately, and whose transaction is open there. Asked of its leader. */
export function describeProducersRequest(
  topic: string,
  partition: number,
): WireRequest<{ readonly error: number; readonly producers: readonly ActiveProducer[] }> {
  return {
    ...wireVersions.describeProducers,
    encode: out => {
      out.compactArray([topic], name => {
        out.compactString(name).compactArray([partition], index => out.i32(index))
        out.tags()
      })
      out.tags()
    },
    decode: from => {
      from.i32()
      const topics = from.compactArray(() => {
        from.compactString()
        const partitions = from.compactArray(() => {
          from.i32()
          const error = from.i16()
          from.compactString()
          const producers = from.compactArray(() => {
            const producerId = from.i64()
            from.i32()
            from.i32()
            from.i64()
            from.i32()
            const firstOffset = from.i64()
            from.tags()
            return { producerId, firstOffset }
          })
          from.tags()
          return { error, producers }
        })
        from.tags()
        return partitions
      })
      return topics.flat()[0] ?? { error: 0, producers: [] }
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
