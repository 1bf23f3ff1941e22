import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { TributaryError } from '../../schemas/errors.js'
import { isLocked, lockFolder } from './folder-lock.js'

/** A folder that no other live process uses. */
export interface StateFolder {
  readonly path: string
  release(): void
}

/**
 * The first free folder `<base>/<role>-<n>`: instances on one machine never share one, and a restarted instance finds its former store again.
 */
export function takeStateFolder(base: string, role: string): StateFolder {
  for (let n = 0; n < 1000; n++) {
    const path = join(base, `${role}-${n}`)
    mkdirSync(path, { recursive: true })
    const release = lockFolder(path)
    if (release !== null) return { path, release }
  }
  throw new TributaryError('STORE_UNUSABLE', `${base}: a thousand instances are using it`)
}

/** The folders `<base>/<role>-<n>` that a live process holds. */
export function heldFolders(base: string, role: string): readonly string[] {
  return roleFolders(base, role).filter(isLocked)
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
