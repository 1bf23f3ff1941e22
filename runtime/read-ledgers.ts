import type { RouteLedger } from '../schemas/route-ledger.js'
import { type Naming, topicName } from '../schemas/topics.js'
import type { Log } from './log.js'
import { readPartition } from './read-partition.js'
import type { Codec } from './registry/codec.js'

/** What `route-ledger` says of one partition as it is now: of every key the last record, however often it was written. `end`: up to where it was read. */
export async function readLedgers(
  { log, codec, naming }: { readonly log: Log; readonly codec: Codec; readonly naming: Naming },
  partition: number,
): Promise<{ readonly records: readonly RouteLedger[]; readonly end: number }> {
  const last = new Map<string, Buffer>()
  const end = await readPartition(log, topicName('route-ledger', naming), partition, record => {
    if (record.value !== null) last.set(record.key!.toString(), Buffer.from(record.value))
  })
  const values = [...last.values()]
  await codec.learn('route-ledger', values)
  return { records: values.map(value => codec.decodeLedger(value)), end }
}
