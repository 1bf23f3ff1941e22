import { nearestFew } from '../../schemas/nearest.js'
import type { ObjectStore } from '../object-store.js'

/** A folder is looked through no further: a suggestion is worth a few requests. */
const mostNames = 20_000
const mostShown = 5

/** A prefix below which nothing lies. */
export interface EmptyPrefix {
  readonly prefix: string
  /** The deepest folder on its way that has anything in it. */
  readonly folder: string
  /** Names in that folder that it may have meant: the nearest, else the first few. */
  readonly names: readonly string[]
}

/** What is there instead of a prefix that was misspelt; null = something lies below it. */
export async function nearestNames(store: ObjectStore, bucket: string, prefix: string): Promise<EmptyPrefix | null> {
  for await (const _ of store.list(bucket, prefix)) return null
  for (let folder = parentOf(prefix); ; folder = parentOf(folder.slice(0, -1))) {
    const names: string[] = []
    for await (const entry of store.browse(bucket, folder)) {
      names.push('folder' in entry ? entry.folder.slice(folder.length) : entry.key.slice(folder.length))
      if (names.length >= mostNames) break
    }
    if (names.length === 0 && folder !== '') continue
    const wanted = prefix.slice(folder.length).split('/')[0]!
    const near = nearestFew(wanted, names.map(withoutSlash), mostShown)
    const shown = near.length > 0 ? names.filter(name => near.includes(withoutSlash(name))) : names
    return { prefix, folder, names: shown.slice(0, mostShown) }
  }
}

export function emptyPrefixText({ prefix, folder, names }: EmptyPrefix): string {
  const there = folder === '' ? 'the bucket' : folder
  const has = names.length === 0 ? `${there} is empty` : `${there} has ${names.join(', ')}`
  return `nothing lies below ${prefix === '' ? 'the bucket' : prefix}: ${has}`
}

/** `a/b/c` → `a/b/`; `a` → ``. */
const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1)
const withoutSlash = (name: string) => (name.endsWith('/') ? name.slice(0, -1) : name)
