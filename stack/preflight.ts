import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Cache, cacheDir } from './cache.js'
import { findCommand } from './command-path.js'
import { type InstallLines, installLines, type Tool } from './install-lines.js'
import { findJava, inspectJava, type Java, neededJava } from './java.js'
import { jreFolder, jreMegabytes } from './jre.js'
import type { PartDownload } from './part.js'
import { partsOf } from './parts.js'
import { partNames, type StackOptions } from './services.js'

export interface Preflight {
  /** `startStack` has what it needs. */
  readonly ok: boolean
  readonly node: string
  /** Null: none that is new enough; `javaFrom` says whether one can be fetched. */
  readonly java: Java | null
  readonly javaFrom: 'machine' | 'cache' | 'fetch' | 'nowhere' | 'not needed'
  readonly maven: string | null
  readonly disk: { readonly folder: string; readonly freeMb: number; readonly neededMb: number }
  /** What is not there and is needed, in words. */
  readonly missing: readonly string[]
  /** One line per system that installs all that is missing. */
  readonly install: InstallLines | null
  /** Zero when everything is cached. */
  readonly fetch: { readonly megabytes: number; readonly minutes: number }
}

/** Looks, changes nothing, fetches nothing. */
export async function preflight(options: Omit<StackOptions, 'events'>): Promise<Preflight> {
  const wanted = partNames.filter(name => options.only?.includes(name) ?? true)
  const parts = await partsOf(wanted, { env: options.env, dataDir: resolve(options.dataDir) })
  const cache = new Cache(resolve(options.cacheDir ?? cacheDir(options.env)), { step: () => {} })
  const downloads = parts.flatMap(part => (part.download === null ? [] : [part.download]))
  const absent = await notCached(downloads, cache)
  const { java, javaFrom } = downloads.length === 0 ? ({ java: null, javaFrom: 'not needed' } as const) : await javaOf(options, cache)
  const maven = await findCommand('mvn', options.env)
  const lacking: Tool[] = [
    ...(javaFrom === 'nowhere' ? (['java'] as const) : []),
    ...(maven === null && absent.length > 0 ? (['maven'] as const) : []),
  ]
  const megabytes = absent.reduce((sum, download) => sum + download.megabytes, javaFrom === 'fetch' ? jreMegabytes : 0)
  const disk = { folder: cache.dir, freeMb: await freeMegabytes(cache.dir), neededMb: dataMegabytes + copies * megabytes }
  const missing = [
    ...lacking.map(tool => names[tool]),
    ...(disk.freeMb < disk.neededMb ? [`${disk.neededMb} MB of free disk (there are ${disk.freeMb})`] : []),
  ]
  const fetch = { megabytes, minutes: Math.ceil(megabytes / megabytesPerMinute) }
  return {
    ok: missing.length === 0,
    node: process.versions.node,
    java,
    javaFrom,
    maven,
    disk,
    missing,
    install: installLines(lacking),
    fetch,
  }
}

const names: Readonly<Record<Tool, string>> = {
  java: `Java ${neededJava} or newer (or Python with pip, to fetch one)`,
  maven: 'Maven (the command `mvn`)',
}

/** A file stays in Maven's own repository too, and the registry is unpacked. */
const copies = 3
const dataMegabytes = 500
/** A modest line: 2 MB/s. */
const megabytesPerMinute = 120

async function notCached(downloads: readonly PartDownload[], cache: Cache): Promise<PartDownload[]> {
  const good = await Promise.all(downloads.map(download => cache.isGood(download.folder, 'quick')))
  return downloads.filter((_, i) => !good[i])
}

async function javaOf(options: Omit<StackOptions, 'events'>, cache: Cache): Promise<Pick<Preflight, 'java' | 'javaFrom'>> {
  const java = await findJava(options.env)
  if (java !== null) return { java, javaFrom: 'machine' }
  const cached = (await cache.isGood(jreFolder, 'quick')) ? await inspectJava(cache.path(jreFolder)) : null
  if (cached !== null) return { java: cached, javaFrom: 'cache' }
  const pip = promisify(execFile)('python3', ['-m', 'pip', '--version'], { env: { ...options.env }, timeout: 20_000 })
  return {
    java: null,
    javaFrom: await pip.then(
      () => 'fetch' as const,
      () => 'nowhere' as const,
    ),
  }
}

/** Of the nearest folder that exists. */
async function freeMegabytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return Math.floor((bavail * bsize) / 1_000_000)
  } catch {
    return dirname(folder) === folder ? 0 : freeMegabytes(dirname(folder))
  }
}
