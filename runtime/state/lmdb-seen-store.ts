import { mkdirSync } from 'node:fs'
import { open } from 'lmdb'
import { ownedLater, type SeenMeta, type SeenStore, seenKeyBytes } from './seen-store.js'

const present = Buffer.alloc(0)

/** The store of one task in one folder. LMDB writes copy-on-write pages: a kill in the middle of a merge leaves the state before it. */
export function lmdbSeenStore(folder: string): SeenStore {
  mkdirSync(folder, { recursive: true })
  const root = open({
    path: folder,
    noSubdir: false,
    maxDbs: 2,
    encoding: 'binary',
    keyEncoding: 'binary',
    cache: false,
    compression: false,
  })
  const seen = root.openDB<Buffer, Buffer>('seen', { encoding: 'binary', keyEncoding: 'binary', cache: false })
  const metas = root.openDB<SeenMeta, string>('meta', { encoding: 'json', cache: false })
  return {
    meta: () => metas.get('meta') ?? null,
    has: key => seen.doesExist(key),
    merge: (packs, meta) =>
      root.transactionSync(() => {
        if (ownedLater(metas.get('meta') ?? null, meta)) return false
        for (const pack of packs)
          for (let at = 0; at < pack.length; at += seenKeyBytes) seen.putSync(pack.subarray(at, at + seenKeyBytes), present)
        metas.putSync('meta', meta)
        return true
      }),
    clear() {
      root.transactionSync(() => {
        seen.clearSync()
        metas.clearSync()
      })
    },
    close: () => root.close(),
  }
}
