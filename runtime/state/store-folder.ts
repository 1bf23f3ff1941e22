import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Two processes that died before they had merged anything: the third begins with an empty store. */
const patience = 2

export interface StoreFolder {
  /** Opens what is in the folder. When LMDB finds it damaged it is removed, and opened once more. */
  opening<T>(open: () => T): T
  /** The store works: it has merged, or was closed in order. */
  proven(): void
  /** The next one to enter finds it empty. */
  damaged(why: string): void
}

/**
 * Sees to it that a data file that is of no use stops nobody twice. A file that is cut off or overwritten does not make LMDB throw: it maps
 * the file, and the process dies of SIGBUS or SIGSEGV. So its head is looked at before, and who dies all the same has left a mark.
 */
export function enterStoreFolder(folder: string, removed: (why: string) => void): StoreFolder {
  const marks = { damaged: join(folder, 'damaged'), unproven: join(folder, 'unproven') }
  const remove = (why: string) => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    removed(why)
  }
  mkdirSync(folder, { recursive: true })
  const died = Number(readMark(marks.unproven) ?? 0)
  const why =
    readMark(marks.damaged) ??
    (died >= patience ? `${died} processes died before they had merged anything into it` : null) ??
    whyNotOpened(join(folder, 'data.mdb'))
  if (why !== null) remove(why)
  let proven = false
  writeFileSync(marks.unproven, String(why === null ? died + 1 : 1))
  return {
    opening(open) {
      try {
        return open()
      } catch (error) {
        if (!isDamage(error)) throw error
        remove((error as Error).message)
        return open()
      }
    },
    proven() {
      if (proven) return
      proven = true
      rmSync(marks.unproven, { force: true })
    },
    damaged: text => writeFileSync(marks.damaged, text),
  }
}

/** MDB_PAGE_NOTFOUND, CORRUPTED, PANIC, VERSION_MISMATCH, INVALID, BAD_TXN, PROBLEM. What the disk says (no space left) is no damage. */
const damageCodes: ReadonlySet<unknown> = new Set([-30_797, -30_796, -30_795, -30_794, -30_793, -30_782, -30_779])

export const isDamage = (error: unknown) => damageCodes.has((error as { code?: unknown }).code)

function readMark(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/** Of LMDB's meta pages, the first two of the file: `MDB_meta` behind a page header. */
const at = { magic: 24, version: 28, pageBytes: 48, lastPage: 144, transaction: 152, end: 160 }
const magic = 0xbeefc0de
const version = 2

/** The newer of the two meta pages says how long the file must be. An empty or absent file is a new store. */
function whyNotOpened(file: string): string | null {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch {
    return null
  }
  try {
    const { size } = fstatSync(fd)
    if (size === 0) return null
    const first = readMeta(fd, 0)
    const metas = [first, first === null ? null : readMeta(fd, first.pageBytes)].filter(meta => meta !== null)
    if (metas.length < 2) return `its data file of ${size} bytes does not begin as one of LMDB does`
    const newest = metas.reduce((a, b) => (b.transaction > a.transaction ? b : a))
    const needed = (newest.lastPage + 1) * newest.pageBytes
    return size < needed ? `its data file has ${size} bytes of ${needed}` : null
  } finally {
    closeSync(fd)
  }
}

function readMeta(fd: number, offset: number) {
  const page = Buffer.alloc(at.end)
  if (readSync(fd, page, 0, page.length, offset) < page.length) return null
  if (page.readUInt32LE(at.magic) !== magic || page.readUInt32LE(at.version) !== version) return null
  const [lastPage, transaction] = [at.lastPage, at.transaction].map(field => Number(page.readBigUInt64LE(field)))
  return { pageBytes: page.readUInt32LE(at.pageBytes), lastPage: lastPage!, transaction: transaction! }
}
