/** What the store was last made of; written together with the keys, so the two never disagree. */
export interface SeenMeta {
  readonly cluster: string
  /** Topic id of `route-seen`: another log means other contents. */
  readonly topicId: string
  /** Next `xapi` offset of the task. */
  readonly position: number
  /** Next `route-seen` offset to restore from. */
  readonly changelog: number
  readonly producerId: number
  readonly epoch: number
  /** ms since 1970. */
  readonly mergedAt: number
}

export { seenKeyBytes } from '../../schemas/route-seen.js'

/** Ids that one route task has seen: 16-byte keys, on disk, a cache of the `route-seen` partition. */
export interface SeenStore {
  meta(): SeenMeta | null
  has(key: Buffer): boolean
  /**
   * Adds packed keys (n × 16 bytes) and replaces the meta in one atomic write. Compares the stored owner first:
   * false = a later owner (producer id, epoch) has written, nothing was changed.
   */
  merge(keys: readonly Buffer[], meta: SeenMeta): boolean
  /** Forgets everything: the store is rebuilt from the changelog. */
  clear(): void
  close(): Promise<void>
}

/** A foreign owner is one that claimed later: producer ids and epochs only grow. */
export function ownedLater(stored: SeenMeta | null, meta: SeenMeta): boolean {
  if (stored === null) return false
  return stored.producerId > meta.producerId || (stored.producerId === meta.producerId && stored.epoch > meta.epoch)
}
