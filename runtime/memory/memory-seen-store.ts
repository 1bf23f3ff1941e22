import { ownedLater, type SeenMeta, type SeenStore, seenKeyBytes } from '../state/seen-store.js'

/** The seen store of simulation and unit tests: the same promises, no disk. */
export function memorySeenStore(): SeenStore {
  let keys = new Set<string>()
  let current: SeenMeta | null = null
  return {
    meta: () => current,
    has: key => keys.has(key.toString('latin1')),
    merge(packs, meta) {
      if (ownedLater(current, meta)) return false
      for (const pack of packs)
        for (let at = 0; at < pack.length; at += seenKeyBytes) keys.add(pack.toString('latin1', at, at + seenKeyBytes))
      current = meta
      return true
    },
    clear() {
      keys = new Set()
      current = null
    },
    close: async () => undefined,
  }
}
