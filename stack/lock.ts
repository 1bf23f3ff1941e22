import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { TributaryError } from '../schemas/errors.js'
import { identify, isAlive, type OwnedProcess } from './owned-process.js'

export interface LockOptions {
  /** Called once when another living process holds the lock. */
  waiting(): void
  deadlineMs: number
}

/** Runs `work` while this process alone holds the lock file. The lock of a process that died is taken over. */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true })
  const deadline = performance.now() + options.deadlineMs
  let told = false
  while (!take(path)) {
    if (performance.now() > deadline)
      throw new TributaryError('STORE_UNUSABLE', `waiting for ${path}, held by process ${owner(path)?.pid ?? 'unknown'}`)
    if (!removeStale(path) && !told) {
      told = true
      options.waiting()
    }
    await pause(50)
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** The file appears with its content at once (a link to a finished file), so no reader sees a lock without an owner. */
function take(path: string): boolean {
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, JSON.stringify(identify(process.pid)))
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Two waiters may see the same dead owner; the guard keeps the second from removing the lock that the first one has just taken. */
function removeStale(path: string): boolean {
  if (!isStale(path)) return false
  const guard = `${path}.guard`
  if (!take(guard)) {
    if (isStale(guard)) rmSync(guard, { force: true })
    return false
  }
  try {
    if (isStale(path)) rmSync(path, { force: true })
    return true
  } finally {
    rmSync(guard, { force: true })
  }
}

function isStale(path: string): boolean {
  const holder = owner(path)
  return holder !== null && !isAlive(holder)
}

function owner(path: string): OwnedProcess | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as OwnedProcess
  } catch (error) {
    // Gone meanwhile is no owner; unreadable content can only be a foreign or damaged file, which nobody holds.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : { pid: 0, started: 'unreadable' }
  }
}
