import { decodeHeader, type StoreHeader, type StoreIdentity, type StoreOwner } from './store-header.js'

/** What the task knows when it has claimed its id: nobody else can add to the changelog any more. */
export interface StoreTerms extends StoreIdentity {
  /** Of the changelog, now. */
  readonly low: number
  readonly stable: number
  /** Who the task is now. */
  readonly owner: StoreOwner
  /** Of a compacted changelog, `delete.retention.ms`; null = its records stay. */
  readonly tombstonesKeptMs: number | null
  readonly now: number
}

export type StoreVerdict = { readonly usable: true; readonly header: StoreHeader } | { readonly usable: false; readonly why: string }

/** Clocks are set back and forth by a little. */
const clockSlackMs = 60_000

/**
 * Whether what a store holds is a state of this task from which the changelog leads to now. If not, it is rebuilt from the beginning, which
 * costs time and is always right; a store that is used in error is never found out.
 */
export function judgeStore(bytes: Buffer | null, terms: StoreTerms): StoreVerdict {
  if (bytes === null) return { usable: false, why: 'missing: nothing was merged into it yet' }
  const header = decodeHeader(bytes)
  if (typeof header === 'string') return { usable: false, why: `torn: ${header}` }
  const why = foreign(header, terms) ?? future(header, terms) ?? behind(header, terms) ?? stale(header, terms)
  return why === null ? { usable: true, header } : { usable: false, why }
}

function foreign(header: StoreHeader, terms: StoreTerms): string | null {
  if (header.store !== terms.store) return `foreign: it was made for ${header.store}`
  if (header.cluster !== terms.cluster) return `foreign: it was made on cluster ${header.cluster}`
  if (header.layout !== terms.layout) return `foreign: its layout is ${header.layout}, not ${terms.layout}`
  for (const name of new Set([...Object.keys(terms.topics), ...Object.keys(header.topics)]))
    if (header.topics[name] !== terms.topics[name])
      return `foreign: ${name} had id ${header.topics[name] ?? '(none)'}, and has ${terms.topics[name] ?? '(none)'}`
  return null
}

/** Kafka went back to an earlier state, and the store did not. Producer ids are not ordered among brokers: only epochs of one are compared. */
function future(header: StoreHeader, { stable, owner }: StoreTerms): string | null {
  if (header.changelog > stable) return `future: it is at offset ${header.changelog} of a changelog that ends at ${stable}`
  if (header.producerId === owner.producerId && header.epoch > owner.epoch)
    return `future: epoch ${header.epoch} wrote it, and this is epoch ${owner.epoch}`
  return null
}

function behind(header: StoreHeader, { low }: StoreTerms): string | null {
  return header.changelog < low ? `behind: it is at offset ${header.changelog} of a changelog that begins at ${low}` : null
}

/** What was deleted since the last merge may have left no trace: a tombstone is kept for a time, counted from when it was compacted. */
function stale({ mergedAt }: StoreHeader, { tombstonesKeptMs, now }: StoreTerms): string | null {
  if (tombstonesKeptMs === null) return null
  const age = now - mergedAt
  if (age < -clockSlackMs) return `stale: its age cannot be told, it was merged at ${mergedAt}, and it is ${now}`
  return age > tombstonesKeptMs / 2 ? `stale: the last merge is ${age} ms ago, and tombstones are kept for ${tombstonesKeptMs} ms` : null
}
