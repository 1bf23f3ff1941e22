import { newObjectCounts, type ObjectCounts } from '../../producers/object-counts.js'
import { decodeSourcesRecord, type RunRecord, runSoFar } from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import { readPartition } from '../read-partition.js'
import type { Services } from '../services.js'
import { type Sorted, SpillSort } from '../sources/spill-sort.js'

/** What `sources` says of one object, as far as a plan needs it. */
export interface LedgerEntry {
  readonly key: string
  /** null = taken out again. */
  readonly etag: string | null
  readonly topicId: string
  readonly run: string
  readonly sections: readonly string[]
  readonly size: number
  readonly counts: ObjectCounts
}

export interface LedgerEntries {
  readonly runs: ReadonlyMap<string, RunRecord>
  /** Asked in the order of the keys' bytes: the last entry of this one. */
  of(key: string): Promise<LedgerEntry | undefined>
  close(): Promise<void>
}

/** The order in which stores list keys: that of their UTF-8, which differs from that of JavaScript where characters take two units. */
export function byBytes(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return inUtf8(x) - inUtf8(y)
  }
  return a.length - b.length
}
/** Surrogates stand for what comes after all single units. */
const inUtf8 = (unit: number) => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800)

/** Reads the whole topic; of objects only those of this bucket below these prefixes are kept, sorted, on the disk when they are many. */
export async function readLedgerEntries(
  services: Services,
  folder: string,
  bucket: string,
  prefixes: readonly string[],
): Promise<LedgerEntries> {
  const sort = new SpillSort<LedgerEntry>(folder, (a, b) => byBytes(a.key, b.key))
  const runs = new Map<string, RunRecord>()
  const below = `${bucket}/`
  const topic = topicName('sources', services.naming)
  try {
    for (let partition = 0; partition < services.config.partitions; partition++)
      await readPartition(services.log, topic, partition, ({ key: name, value }) => {
        const id = name!.toString()
        const key = id.startsWith(below) ? id.slice(below.length) : null
        const wanted = key !== null && prefixes.some(prefix => key.startsWith(prefix))
        if (value === null)
          return wanted
            ? sort.add({ key: key!, etag: null, topicId: '', run: '', sections: [], size: 0, counts: newObjectCounts() })
            : undefined
        if (!wanted && !id.startsWith('run/')) return
        const decoded = decodeSourcesRecord(id, value)
        if (decoded.is === 'run') runs.set(decoded.id, runSoFar(runs.get(decoded.id), decoded.run))
        if (decoded.is !== 'object' || !wanted) return
        const { etag, topicId, run, sections, size, lines, blank, published, refused } = decoded.object
        const counts = { lines, blank, published, refused }
        return sort.add({ key: key!, etag, topicId, run, sections: sections ?? [], size, counts })
      })
    const sorted = await sort.sorted()
    return { runs, of: await lookup(sorted), close: () => sorted.close() }
  } catch (error) {
    await sort.close()
    throw error
  }
}

async function lookup(sorted: Sorted<LedgerEntry>): Promise<LedgerEntries['of']> {
  let head = await sorted.next()
  return async key => {
    while (head !== undefined && byBytes(head.key, key) < 0) head = await sorted.next()
    let last: LedgerEntry | undefined
    for (; head?.key === key; head = await sorted.next()) last = head
    return last
  }
}
