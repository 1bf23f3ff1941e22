import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, relative } from 'node:path'
import { withLock } from './lock.js'
import type { Environment, StackEvents } from './services.js'
import { formatSums, parseSums, sumFile, wrongContent, wrongSize } from './sums.js'

/** Written last, so a folder without it is unfinished. */
const manifest = 'MANIFEST'

/** Filled once, used by all checkouts. Folders appear whole (by rename) or not at all. */
export class Cache {
  constructor(
    readonly dir: string,
    private readonly events: StackEvents,
  ) {}

  path(folder: string): string {
    return join(this.dir, folder)
  }

  /** `quick` looks at the sizes (some milliseconds), `deep` reads every byte. */
  async isGood(folder: string, how: 'quick' | 'deep'): Promise<boolean> {
    const path = this.path(folder)
    const text = await readFile(join(path, manifest), 'utf8').catch(() => null)
    if (text === null) return false
    try {
      return (await (how === 'quick' ? wrongSize : wrongContent)(path, parseSums(text))) === null
    } catch {
      return false
    }
  }

  /** The files of a finished folder in a fixed order: a Java class path must not depend on the order in which a disk lists them. */
  async files(folder: string): Promise<string[]> {
    return parseSums(await readFile(join(this.path(folder), manifest), 'utf8')).map(sum => join(this.path(folder), sum.path))
  }

  /** Makes the folder if it is not good. `fill` writes into an empty folder and throws when what it got is wrong. */
  async ensure(folder: string, fill: (staging: string) => Promise<void>, how: 'quick' | 'deep' = 'quick'): Promise<void> {
    if (await this.isGood(folder, how)) return
    const waiting = (): void => this.events.step('another Tributary is fetching the servers; waiting for it')
    await withLock(join(this.dir, 'fetch.lock'), { waiting, deadlineMs: 30 * 60_000 }, async () => {
      if (await this.isGood(folder, how)) return
      await this.removeLeftovers()
      const staging = await mkdtemp(join(this.dir, `${folder}.part-`))
      await fill(staging)
      await writeManifest(staging)
      await this.replace(folder, staging)
      await this.removeLeftovers()
    })
  }

  /** Servers that run from the old folder keep their open files, so it may go at any time. */
  private async replace(folder: string, staging: string): Promise<void> {
    const old = `${staging}.old-part-`
    if (existsSync(this.path(folder))) await rename(this.path(folder), old)
    await rename(staging, this.path(folder))
    await rm(old, { recursive: true, force: true })
  }

  /** Of a start that was killed: whoever holds the lock is alone, so nobody needs them. Before and after, as an orphaned Maven may still write. */
  private async removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.dir))
      if (name.includes('.part-')) await rm(join(this.dir, name), { recursive: true, force: true })
  }
}

export function cacheDir(env: Environment): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME ?? homedir(), '.cache'), 'tributary')
}

export async function openCache(dir: string, events: StackEvents): Promise<Cache> {
  await mkdir(join(dir, 'archives'), { recursive: true })
  return new Cache(dir, events)
}

async function writeManifest(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile()).map(entry => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
  const sums = []
  for (const path of paths.sort()) sums.push(await sumFile(folder, path))
  await writeFile(join(folder, manifest), formatSums(sums), { flush: true })
}
