import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { TributaryError } from '../schemas/errors.js'
import { type Cache, cacheDir, openCache } from './cache.js'
import { ensureDownload } from './download.js'
import type { Java } from './java.js'
import { ensureJava } from './jre.js'
import { type LaunchContext, lastWords, launch, type Trouble, untilServing } from './launch.js'
import { withLock } from './lock.js'
import { isAlive, terminate } from './owned-process.js'
import type { Launch, Part } from './part.js'
import { partsOf, serving } from './parts.js'
import { choosePorts, isFree } from './ports.js'
import { type PartName, partNames, type Services, type StackKind, type StackOptions, unreachable } from './services.js'
import { newState, type PartState, readState, type StackState, servicesOf, stackDir, startedAs, withPart, writeState } from './state.js'

/** How long a server that runs but does not answer may take before it is started anew: it may be starting, left by a launcher that was killed. */
const hungMs = 30_000
const politeMs = 5_000

/** Returns at once when everything serves already; else starts what does not. The servers survive this process. */
export async function startStack(options: StackOptions): Promise<Services> {
  const o = { ...options, dataDir: resolve(options.dataDir), root: resolve(options.root) }
  const wanted = partNames.filter(name => o.only?.includes(name) ?? true)
  const state = readState(o.dataDir)
  stackToStart(o)
  if (!o.fresh && state !== null && (await Promise.all(wanted.map(name => serving(name, state, o.dataDir)))).every(Boolean))
    return servicesOf(state)
  const waiting = (): void => o.events.step('another Tributary is starting or stopping the stack; waiting for it')
  return withLock(join(stackDir(o.dataDir), 'lock'), { waiting, deadlineMs: 15 * 60_000 }, async () => {
    if (stackToStart(o) === 'processes') return new Starter(o).start(wanted)
    const { startContainers } = await import('./docker/start.js')
    return startContainers(o, wanted)
  })
}

/** As what a start would start it: one data folder has one stack, since both kinds use its ports. */
export function stackToStart({ kind, dataDir }: Pick<StackOptions, 'kind' | 'dataDir'>): StackKind {
  const running = startedAs(readState(dataDir))
  if (running !== null && kind != null && kind !== running)
    throw new TributaryError(
      'STORE_UNUSABLE',
      `starting the local stack as ${names[kind]}: it runs as ${names[running]}; \`tributary down\` stops it`,
    )
  return kind ?? running ?? 'processes'
}

const names: Readonly<Record<StackKind, string>> = { processes: 'processes', docker: 'containers' }

/** A part that ended by itself, with the last words of its log. */
export interface EndedPart {
  readonly name: PartName
  readonly kind: string
  readonly said: string
}

/**
 * Starts again what has ended by itself, on the same ports where they are free, and returns the addresses; null = the stack was stopped.
 * An engine starts its containers again by itself. Under the lock, and read again there: what somebody is just stopping must stay so. `ended` is called before a part is started.
 */
export async function restartEnded(options: StackOptions, ended: (part: EndedPart) => void): Promise<Services | null> {
  const o = { ...options, dataDir: resolve(options.dataDir), root: resolve(options.root), fresh: false }
  return withLock(join(stackDir(o.dataDir), 'lock'), { waiting: () => undefined, deadlineMs: 15 * 60_000 }, async () => {
    const state = readState(o.dataDir)
    const parts = Object.entries(state?.parts ?? {}) as [PartName, PartState][]
    if (state === null || parts.every(([, part]) => part.process === null && part.container == null)) return null
    const dead = parts.filter(([, part]) => part.process !== null && !isAlive(part.process))
    for (const [name, { kind }] of dead) ended({ name, kind, said: lastWords(logFile(o.dataDir, name)) })
    return dead.length === 0 ? servicesOf(state) : new Starter(o).start(dead.map(([name]) => name))
  })
}

interface Found {
  readonly cache: Cache
  /** Null when no part needs one. */
  readonly java: Java | null
  readonly ports: Record<string, number>
}

/** One start, made while holding the lock of the data folder. */
class Starter {
  private state: StackState
  private readonly taken = new Set<number>()

  constructor(private readonly o: StackOptions) {
    this.state = readState(o.dataDir) ?? newState()
    writeState(o.dataDir, this.state)
  }

  async start(wanted: readonly PartName[]): Promise<Services> {
    // 1 what serves stays, what hangs is stopped  2 wipe when asked  3 files  4 ports, one part after the other  5 all servers side by side
    const missing = (await Promise.all(wanted.map(async name => ((await this.keep(name)) ? null : name)))).filter(name => name !== null)
    if (missing.length === 0) return servicesOf(this.state)
    if (this.o.fresh) for (const name of missing) rmSync(this.dir(name), { recursive: true, force: true })
    const parts = await partsOf(missing, this.o)
    const cache = await openCache(resolve(this.o.cacheDir ?? cacheDir(this.o.env)), this.o.events)
    const java = parts.some(part => part.download !== null) ? await ensureJava(cache, this.o.env, this.o.events) : null
    for (const part of parts) if (part.download !== null) await ensureDownload(part.download, { cache, java: java!, options: this.o })
    const ports = new Map<Part, Record<string, number>>()
    for (const part of parts) ports.set(part, await this.ports(part))
    this.o.events.step(`starting ${parts.map(part => part.download?.label ?? part.kind).join(', ')}`)
    const ended = await Promise.allSettled(parts.map(part => this.startPart(part, { cache, java, ports: ports.get(part)! })))
    for (const end of ended) if (end.status === 'rejected') throw end.reason
    return servicesOf(this.state)
  }

  private async keep(name: PartName): Promise<boolean> {
    const part = this.state.parts[name]
    if (!part?.process) return false
    if (!this.o.fresh && (await this.comesBack(name, part))) return true
    await terminate(part.process, politeMs)
    this.record(name, { ...part, process: null })
    return false
  }

  /** Dead: no, at once. Alive: as soon as it answers, or no when it seems to hang. */
  private async comesBack(name: PartName, part: PartState): Promise<boolean> {
    if (await serving(name, this.state, this.o.dataDir)) return true
    if (isAlive(part.process!))
      this.o.events.step(`${part.kind} runs but does not answer; waiting up to ${hungMs / 1000} s before it is started anew`)
    return (
      (await untilServing({ serves: () => serving(name, this.state, this.o.dataDir), patienceMs: hungMs }, part, this.asking())) === null
    )
  }

  /** A second attempt follows the first one with fresh ports, without the class-data archive, and with files whose every byte was checked. */
  private async startPart(part: Part, found: Found): Promise<void> {
    const began = performance.now()
    let trouble = await this.attempt(part, found)
    if (trouble !== null) {
      this.o.events.step(`${part.kind}: ${trouble.what}; checking its files and starting it again`)
      rmSync(archive(part, found), { force: true })
      if (part.download !== null)
        await ensureDownload(part.download, { cache: found.cache, java: found.java!, options: this.o, how: 'deep' })
      trouble = await this.attempt(part, { ...found, ports: await this.ports(part) })
    }
    if (trouble !== null) {
      rmSync(archive(part, found), { force: true }) // Of a start that ended early: it would slow down all later ones.
      const log = `in ${this.log(part)}:\n${trouble.said}\n`
      throw new TributaryError(unreachable[part.name], `starting ${part.kind} ${part.version}: ${trouble.what}; ${log}`)
    }
    this.o.events.step(`${part.kind} ${part.version} is ready (${((performance.now() - began) / 1000).toFixed(1)} s)`)
  }

  private async attempt(part: Part, found: Found): Promise<Trouble | null> {
    const download = part.download
    const start: Launch = {
      java: found.java === null ? '' : join(found.java.home, 'bin', 'java'),
      files: download === null ? [] : await found.cache.files(download.folder),
      home: download === null ? '' : found.cache.path(download.folder),
      dir: this.dir(part.name),
      archive: archive(part, found),
      temporary: join(this.dir(part.name), 'tmp'),
      ports: found.ports,
      credentials: this.state.credentials,
      profile: this.o.profile ?? 'run',
    }
    const context: LaunchContext = {
      ...this.asking(),
      launch: start,
      env: this.o.env,
      log: this.log(part),
      record: state => this.record(part.name, state),
    }
    rmSync(start.temporary, { recursive: true, force: true })
    mkdirSync(start.temporary, { recursive: true })
    return launch(part, context)
  }

  private ports(part: Part): Promise<Record<string, number>> {
    return choosePorts(part.ports, {
      remembered: this.state.parts[part.name]?.ports ?? {},
      taken: this.taken,
      seed: this.o.dataDir,
      isFree,
    })
  }

  private record(name: PartName, part: PartState): void {
    this.state = withPart(this.state, name, part)
    writeState(this.o.dataDir, this.state)
  }

  private asking() {
    return { dataDir: this.o.dataDir, credentials: this.state.credentials, withinMs: 1_000 }
  }

  private dir(name: PartName): string {
    return join(stackDir(this.o.dataDir), name)
  }

  private log(part: Part): string {
    return logFile(this.o.dataDir, part.name)
  }
}

const logFile = (dataDir: string, name: PartName) => join(stackDir(dataDir), 'logs', `${name}.log`)

/** Bound to the exact Java: another one would only throw it away and write its own. */
function archive(part: Part, found: { cache: Cache; java: Java | null }): string {
  return found.cache.path(join('archives', `${part.kind}-${part.version}-java-${found.java?.version ?? 'none'}.jsa`))
}
