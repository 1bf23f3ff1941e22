import { type Naming, type TopicId, topicName } from '../../schemas/topics.js'
import type { Clock } from '../clock.js'
import type { Hints } from '../hints.js'
import type { Tables } from './tables.js'

const everyMs = 5_000
const read: readonly TopicId[] = ['datasets', 'dataset-files', 'sources', 'route-ledger']

/**
 * Notes how far the tables are, until the signal. Every process reads all partitions; each speaks for those that it owns, so that in the
 * offsets of the group there is one who speaks for a partition.
 */
export async function hintTables(
  { tail }: Pick<Tables, 'tail'>,
  owned: ReadonlySet<number>,
  { hints, naming, clock }: { readonly hints: Hints; readonly naming: Naming; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    for (const topic of read.map(id => topicName(id, naming)))
      for (const partition of owned) hints.note(topic, partition, tail.positions(topic)[partition]!)
    if (signal.aborted) return
    await clock.sleep(everyMs, signal)
  }
}
