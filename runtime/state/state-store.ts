export type Entry = readonly [key: Buffer, value: Buffer]

/** What one transaction makes of the state. Deletes come first: a key that is in both is put. */
export interface Change {
  readonly puts?: Iterable<Entry>
  readonly deletes?: Iterable<Buffer>
}

/** Keys from `from` (absent: the first) up to `before`, which is not included (absent: the last). */
export interface KeyRange {
  readonly from?: Buffer
  readonly before?: Buffer
  /** Begins at the far end. */
  readonly reverse?: boolean
  readonly limit?: number
}

/** A longer key is a mistake of the caller, on every kind of store. */
export const maxKeyBytes = 1024

/**
 * Local state of one task: a cache of its changelog, ordered by the bytes of the keys. It holds committed state only: a task steps in a
 * view of its own and merges after its Kafka transaction has committed.
 *
 * Keys and values handed out are the caller's own.
 */
export interface StateStore {
  /** What the last merge wrote beside the entries (`store-header.ts`); null = nothing was merged yet. */
  header(): Buffer | null
  has(key: Buffer): boolean
  get(key: Buffer): Buffer | null
  /** Lazy; ends before the next merge. The entry before a key is `range({ before: key, reverse: true, limit: 1 })`. */
  range(range: KeyRange): Iterable<Entry>
  /**
   * The change and the header in one atomic write. False = the stored header is not the one that this store has read or written last:
   * somebody else has merged, and nothing was changed.
   */
  merge(change: Change, header: Buffer): boolean
  /** Forgets everything: the state is rebuilt from the changelog. */
  clear(): void
  close(): Promise<void>
}

/** @throws {RangeError} for a key that some kind of store could not hold. */
export function checkKey(key: Buffer): Buffer {
  if (key.length === 0 || key.length > maxKeyBytes) throw new RangeError(`merging state: a key of ${key.length} bytes`)
  return key
}
