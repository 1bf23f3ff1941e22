import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from './disk-room.js'

/** Remembers in a state folder under which id its process is in the group, for whoever takes the folder over when that process has died. */
export interface MemberFile {
  /** Of the process that had the folder before and did not leave; null = it left, or there was none. */
  readonly left: string | null
  write(memberId: string): void
  clear(): void
}

/** The folder must be ours: its lock says that the process before is gone. */
export function memberFile(folder: string): MemberFile {
  const file = join(folder, 'member')
  let left: string | null = null
  try {
    left = readFileSync(file, 'utf8') || null
  } catch {
    // Nobody was here, or whoever was has left.
  }
  return { left, write: memberId => replaceFile(file, memberId), clear: () => rmSync(file, { force: true }) }
}
