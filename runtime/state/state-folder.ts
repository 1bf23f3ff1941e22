import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TributaryError } from '../../schemas/errors.js'

/** A folder that no other live process uses. */
export interface StateFolder {
  readonly path: string
  release(): void
}

/** When the process started, in kernel ticks (Linux), so that a recycled pid is not taken for its owner; elsewhere ''. */
function startOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function alive(owner: { pid: number; start: string }): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
  return owner.start === '' || startOf(owner.pid) === owner.start
}

function readOwner(file: string): { pid: number; start: string } | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { pid: number; start: string }
  } catch {
    return null
  }
}

function tryLock(path: string): boolean {
  const file = join(path, 'lock')
  const own = `${file}.${process.pid}`
  // Written first and linked then: nobody sees a lock without its owner, and a link fails when the name is taken.
  writeFileSync(own, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }))
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  } finally {
    rmSync(own, { force: true })
  }
  const owner = readOwner(file)
  if (owner !== null && alive(owner)) return false
  // Of several that find a dead owner only one wins the rename; the others find the file gone and try the next folder.
  const stale = `${file}.${process.pid}.stale`
  try {
    renameSync(file, stale)
  } catch {
    return false
  }
  rmSync(stale, { force: true })
  return tryLock(path)
}

/**
 * The first free folder `<base>/<role>-<n>`: instances on one machine never share one, and a restarted instance finds its former store again.
 */
export function takeStateFolder(base: string, role: string): StateFolder {
  for (let n = 0; n < 1000; n++) {
    const path = join(base, `${role}-${n}`)
    mkdirSync(path, { recursive: true })
    if (tryLock(path)) return { path, release: () => rmSync(join(path, 'lock'), { force: true }) }
  }
  throw new TributaryError('STORE_UNUSABLE', `${base}: a thousand instances are using it`)
}

/** Whether a live process holds one of the folders `<base>/<role>-<n>`. */
export function isHeld(base: string, role: string): boolean {
  return roleFolders(base, role).some(path => {
    const owner = readOwner(join(path, 'lock'))
    return owner !== null && alive(owner)
  })
}

/** The folders `<base>/<role>-<n>` that there are, whoever has used them. */
export function roleFolders(base: string, role: string): readonly string[] {
  return foldersIn(base)
    .filter(name => name.startsWith(`${role}-`) && /^\d+$/.test(name.slice(role.length + 1)))
    .map(name => join(base, name))
}

function foldersIn(base: string): string[] {
  try {
    return readdirSync(base)
  } catch {
    return []
  }
}
