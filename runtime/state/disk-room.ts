import { renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { TributaryError } from '../../schemas/errors.js'

/** Bytes that this process may still write beside a folder. */
export type FreeBytes = (folder: string) => number

export const freeBytes: FreeBytes = folder => {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/**
 * LMDB maps its files: on a disk that is full to the last page it does not throw, the process dies of SIGBUS or SIGSEGV (measured). So nothing
 * is opened and nothing is merged into the last bytes. To begin takes more than to go on, so that a role does not come and go at the edge.
 */
export const roomToBegin = 8 << 20
export const roomToMerge = 2 << 20

/** @throws {TributaryError} DISK_FULL */
export function requireRoom(folder: string, bytes: number, free: FreeBytes = freeBytes): void {
  const left = free(folder)
  if (left < bytes) throw new TributaryError('DISK_FULL', `${folder}: ${left} bytes are free, ${bytes} are needed`)
}

/** No space, no quota; of LMDB the numbers of the same. Where a write came back short it says EIO: then what is free decides. */
export function asDiskFull(error: unknown, folder: string, free: FreeBytes = freeBytes): unknown {
  const { code } = error as { code?: unknown }
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 28 || code === 122
  const short = (code === 5 || code === 'EIO') && free(folder) < roomToMerge
  return full || short ? new TributaryError('DISK_FULL', folder, { cause: error }) : error
}

/** A small file is there as it was or as it will be, also when the disk is full in between. */
export function replaceFile(path: string, text: string): void {
  const next = `${path}.next`
  try {
    writeFileSync(next, text)
    renameSync(next, path)
  } catch (error) {
    rmSync(next, { force: true })
    throw asDiskFull(error, path, () => Number.POSITIVE_INFINITY)
  }
}
