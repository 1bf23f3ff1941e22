import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asDiskFull } from './disk-room.js'

interface Owner {
  readonly pid: number
  readonly start: string
}

/** When the process started, in kernel ticks (Linux), so that a recycled pid is not taken for its owner; elsewhere ''. */
function startOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function alive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
  return owner.start === '' || startOf(owner.pid) === owner.start
}

function readOwner(file: string): Owner | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner
  } catch {
    return null
  }
}

/** `lock` alone is number 0: of a release that had no numbers. */
const lockFile = /^lock(?:-(\d+))?$/

const fileOf = (folder: string, number: number) => join(folder, number === 0 ? 'lock' : `lock-${number}`)

interface Locks {
  readonly numbers: readonly number[]
  /** Those of live processes. */
  readonly held: readonly number[]
}

function locksIn(folder: string): Locks {
  const numbers = readdirSync(folder).flatMap(name => (lockFile.test(name) ? [Number(lockFile.exec(name)?.[1] ?? 0)] : []))
  const isHeld = (number: number) => {
    const owner = readOwner(fileOf(folder, number))
    return owner !== null && alive(owner)
  }
  return { numbers, held: numbers.filter(isHeld) }
}

export const isLocked = (folder: string): boolean => locksIn(folder).held.length > 0

/**
 * Locks a folder for this process; null = a live one has it. What it gives unlocks.
 *
 * The lock of a dead owner is not removed: between the look and the removal another process may have taken it. The next number is made
 * instead, and whoever then sees another live owner gives its own back. Of two that have the folder the later one made its lock while that of
 * the earlier one was there, so it has seen it. `looked`: what happens between look and lock, in tests.
 */
export function lockFolder(folder: string, looked: () => void = () => undefined): (() => void) | null {
  for (;;) {
    const found = locksIn(folder)
    if (found.held.length > 0) return null
    looked()
    const mine = Math.max(0, ...found.numbers) + 1
    if (!makeLock(folder, mine)) continue
    const now = locksIn(folder)
    if (now.held.every(number => number === mine)) {
      // Only who has the folder removes what others have left: who comes back late to such a number sees that it is taken.
      for (const number of now.numbers) if (number !== mine) rmSync(fileOf(folder, number), { force: true })
      return () => rmSync(fileOf(folder, mine), { force: true })
    }
    rmSync(fileOf(folder, mine), { force: true })
  }
}

/** False = the number is taken. Written first and linked then: nobody sees a lock without its owner. */
function makeLock(folder: string, number: number): boolean {
  const own = join(folder, `locking-${process.pid}`)
  try {
    writeFileSync(own, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }))
    linkSync(own, fileOf(folder, number))
    return true
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw asDiskFull(error, folder)
    return false
  } finally {
    rmSync(own, { force: true })
  }
}
