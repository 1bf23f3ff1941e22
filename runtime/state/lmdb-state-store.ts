import { mkdirSync } from 'node:fs'
import { open, type RangeOptions } from 'lmdb'
import { TributaryError } from '../../schemas/errors.js'
import { type Logger, silentLogger } from '../logger.js'
import { asDiskFull, type FreeBytes, freeBytes, requireRoom, roomToMerge } from './disk-room.js'
import { checkKey, type Entry, type KeyRange, type StateStore } from './state-store.js'
import { bootId, enterStoreFolder, isDamage } from './store-folder.js'

const headerKey = Buffer.from('header')
const binary = { encoding: 'binary', keyEncoding: 'binary', cache: false } as const

function openFile(folder: string, noSync: boolean) {
  const root = open({ path: folder, noSubdir: false, maxDbs: 2, compression: false, noSync, ...binary })
  const entries = root.openDB<Buffer, Buffer>('entries', binary)
  const meta = root.openDB<Buffer, Buffer>('meta', binary)
  return { root, entries, meta, header: meta.get(headerKey) ?? null }
}

/**
 * The store of one task in one folder of its own. LMDB writes copy-on-write pages: a kill in the middle of a merge leaves the state before it.
 * A file that LMDB cannot read is removed, and the store begins empty.
 */
export function lmdbStateStore(
  folder: string,
  logger: Logger = silentLogger,
  boot: string = bootId(),
  free: FreeBytes = freeBytes,
): StateStore {
  mkdirSync(folder, { recursive: true })
  requireRoom(folder, roomToMerge, free)
  const guard = enterStoreFolder(folder, boot, why => logger.warn({ folder, why }, `the local state is removed: ${why}`))
  const { root, entries, meta, header } = guard.opening(() => openFile(folder, guard.mayLag))
  let known = header

  /** LMDB says so by a code of its own: without it a page that is damaged would stop the task again and again. */
  const reading = <T>(read: () => T): T => {
    try {
      return read()
    } catch (error) {
      if (!isDamage(error)) throw asDiskFull(error, folder, free)
      guard.damaged((error as Error).message)
      throw new TributaryError('STORE_DAMAGED', folder, { cause: error })
    }
  }

  function* range({ from, before, reverse = false, limit }: KeyRange): Generator<Entry> {
    const [start, end] = reverse ? [before, from] : [from, before]
    const options: RangeOptions = {
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end }),
      ...(limit === undefined ? {} : { limit }),
      ...(reverse ? { reverse, exclusiveStart: true, inclusiveEnd: true } : {}),
    }
    const found = reading(() => entries.getRange(options)[Symbol.iterator]())
    try {
      for (let next = reading(() => found.next()); !next.done; next = reading(() => found.next())) yield [next.value.key, next.value.value]
    } finally {
      found.return?.()
    }
  }

  return {
    header: () => known,
    has: key => reading(() => entries.doesExist(key)),
    get: key => reading(() => entries.get(key) ?? null),
    range,
    merge({ puts = [], deletes = [] }, next) {
      requireRoom(folder, roomToMerge, free)
      const merged = reading(() =>
        root.transactionSync(() => {
          if (!same(meta.get(headerKey) ?? null, known)) return false
          for (const key of deletes) entries.removeSync(checkKey(key))
          for (const [key, value] of puts) entries.putSync(checkKey(key), value)
          meta.putSync(headerKey, next)
          return true
        }),
      )
      if (!merged) return false
      known = Buffer.from(next)
      guard.proven()
      return true
    },
    clear() {
      reading(() =>
        root.transactionSync(() => {
          entries.clearSync()
          meta.clearSync()
        }),
      )
      known = null
    },
    async close() {
      try {
        await root.close()
        guard.left()
      } catch (error) {
        throw asDiskFull(error, folder, free)
      }
    },
  }
}

const same = (a: Buffer | null, b: Buffer | null) => (a === null || b === null ? a === b : a.equals(b))
