import type { SnapshotFormat, State } from '../../../sinks/format.js'
import { bucketOf } from '../../../sinks/table-key.js'
import type { Revision } from '../revision.js'

/** Beyond so many places it costs less to look at all of them than to remember which. */
const mostPlaces = 4096

/** One revision of a snapshot dataset, and where its rows have changed since its files were written. */
export interface Snapshot extends Revision<SnapshotFormat, State> {
  /** Number of buckets; it only grows. */
  of: number
  /** Places (see `placeOf`) with rows that may not be as the files say; null = any. */
  changed: Set<number> | null
  /** A pass over everything has been committed. */
  joined: boolean
}

/** What has changed since the files were written nobody remembers: a pass over everything tells. Files that are right stay. */
export function makeSnapshot(revision: Revision<SnapshotFormat, State>, joined: boolean): Snapshot {
  const of = Math.max(1, ...[...revision.files.values()].map(file => file.bucket?.of ?? 1))
  return { ...revision, of, changed: null, joined }
}

export const isChanged = ({ changed }: Snapshot) => changed === null || changed.size > 0

export function noteChange(snapshot: Snapshot, place: number): void {
  if (snapshot.changed === null) return
  snapshot.changed.add(place)
  if (snapshot.changed.size > mostPlaces) snapshot.changed = null
}

/** The changed buckets, from the first on. */
export function changedBuckets({ changed, of }: Snapshot): readonly number[] {
  if (changed === null) return Array.from({ length: of }, (_, index) => index)
  return [...new Set([...changed].map(place => bucketOf(place, of)))].sort((a, b) => a - b)
}
