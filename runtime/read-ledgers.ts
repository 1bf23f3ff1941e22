import type { RouteLedger } from '../schemas/route-ledger.js'
import { type Naming, topicName } from '../schemas/topics.js'
import type { Log } from './log.js'
import { readPartition } from './read-partition.js'
import type { Codec } from './registry/codec.js'

/** What `route-ledger` says of one partition as it is now: of every key the last record, in the order of the log. `end`: up to where it was read. */
export interface Ledgers {
  readonly records: readonly { readonly ledger: RouteLedger; readonly offset: number }[]
  readonly end: number
}

export async function readLedgers(
  { log, codec, naming }: { readonly log: Log; readonly codec: Codec; readonly naming: Naming },
  partition: number,
): Promise<Ledgers> {
  const last = new Map<string, { readonly value: Buffer; readonly offset: number }>()
  const end = await readPartition(log, topicName('route-ledger', naming), partition, ({ key, value, offset }) => {
    if (value === null) return
    const name = key!.toString()
    last.delete(name)
    last.set(name, { value: Buffer.from(value), offset })
  })
  const found = [...last.values()]
  await codec.learn(
    'route-ledger',
    found.map(({ value }) => value),
  )
  return { records: found.map(({ value, offset }) => ({ ledger: codec.decodeLedger(value), offset })), end }
}
