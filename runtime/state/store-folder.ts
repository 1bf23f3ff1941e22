import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asDiskFull, replaceFile } from './disk-room.js'
import { whyNotOpened } from './lmdb-head.js'

/** More than LMDB makes of it: it takes the file as it is. */
const lockBytes = 16 << 10

/** Two processes that died before they had merged anything: the third begins with an empty store. */
const patience = 2

export interface StoreFolder {
  /**
   * Merges need not wait for the disk: what they wrote outlives the process, and should the machine not outlive it, the next to enter will know.
   * Each wait would hold up the whole process (measured: 5 ms a merge), for what can be made anew.
   */
  readonly mayLag: boolean
  /** Opens what is in the folder. When LMDB finds it damaged it is removed, and opened once more. */
  opening<T>(open: () => T): T
  /** The store works: it has merged. */
  proven(): void
  /** The next one to enter finds it empty. */
  damaged(why: string): void
  /** After the file was closed in order: writes it to the disk, and leaves no mark. */
  left(): void
}

/**
 * Sees to it that a data file that is of no use stops nobody twice. A file that is cut off or overwritten does not make LMDB throw: it maps
 * the file, and the process dies of SIGBUS or SIGSEGV. So its head is looked at before, and who dies all the same has left a mark.
 *
 * `boot` is the id of this start of the machine, '' where there is none.
 */
export function enterStoreFolder(folder: string, boot: string, removed: (why: string) => void): StoreFolder {
  const marks = { damaged: join(folder, 'damaged'), unproven: join(folder, 'unproven'), unsynced: join(folder, 'unsynced') }
  const file = join(folder, 'data.mdb')
  const mark = (died: number) => {
    mkdirSync(folder, { recursive: true })
    fillLock(join(folder, 'lock.mdb'))
    replaceFile(marks.unproven, String(died))
    if (boot === '') return
    // Never half written: a mark of another start would have the state removed.
    replaceFile(marks.unsynced, boot)
    // On the disk before any page is: a mark that got lost with the machine would vouch for what was lost with it.
    for (const path of [marks.unsynced, folder]) sync(path)
  }
  const remove = (why: string) => {
    rmSync(folder, { recursive: true, force: true })
    removed(why)
    mark(1)
  }
  const died = Number(readMark(marks.unproven) ?? 0)
  const lagged = readMark(marks.unsynced)
  const why =
    readMark(marks.damaged) ??
    (died >= patience ? `${died} processes died before they had merged anything into it` : null) ??
    (lagged !== null && lagged !== boot ? 'the machine was restarted before it was written to the disk' : null) ??
    whyNotOpened(file)
  if (why === null) mark(died + 1)
  else remove(why)
  let proven = false
  const prove = () => {
    if (proven) return
    proven = true
    rmSync(marks.unproven, { force: true })
  }
  return {
    mayLag: boot !== '',
    opening(open) {
      try {
        return open()
      } catch (error) {
        if (!isDamage(error)) throw error
        remove((error as Error).message)
        return open()
      }
    },
    proven: prove,
    damaged: text => writeFileSync(marks.damaged, text),
    left() {
      sync(file)
      rmSync(marks.unsynced, { force: true })
      prove()
    },
  }
}

/** LMDB writes into a map of this file: a page that the disk has no room for later would end the process. */
function fillLock(path: string): void {
  try {
    writeFileSync(path, existsSync(path) ? readFileSync(path) : Buffer.alloc(lockBytes), { flag: existsSync(path) ? 'r+' : 'w' })
  } catch (error) {
    throw asDiskFull(error, path, () => Number.POSITIVE_INFINITY)
  }
}

/** Of this start of the machine (Linux). Without one nobody could tell whether it was restarted, and merges wait for the disk. */
export function bootId(): string {
  return readMark('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
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
