import { resolve } from 'node:path'
import { isAlive } from './owned-process.js'
import { serving } from './parts.js'
import { type PartName, partNames, type Services } from './services.js'
import { isStarted, readState, servicesOf } from './state.js'

export interface PartStatus {
  readonly name: PartName
  /** The program behind the name. */
  readonly kind: string
  readonly version: string
  /** Null: it does not run, or is a container. */
  readonly pid: number | null
  /** Null: it does not run, or is a process. */
  readonly container: string | null
  readonly ports: Readonly<Record<string, number>>
  /** It answered just now. */
  readonly ready: boolean
}

export interface StackStatus {
  /** Every part that was started answers. */
  readonly running: boolean
  readonly parts: readonly PartStatus[]
  readonly services: Services | null
}

/** Asks the servers themselves. */
export async function stackStatus(dataDir: string): Promise<StackStatus> {
  const folder = resolve(dataDir)
  const state = readState(folder)
  if (state === null) return { running: false, parts: [], services: null }
  const started = partNames.filter(name => state.parts[name] !== undefined)
  const parts = await Promise.all(
    started.map(async (name): Promise<PartStatus> => {
      const { kind, version, ports, process, container = null } = state.parts[name]!
      const pid = process !== null && isAlive(process) ? process.pid : null
      return { name, kind, version, pid, container, ports, ready: await serving(name, state, folder) }
    }),
  )
  const running = parts.length > 0 && parts.every(part => part.ready)
  return { running, parts, services: running ? servicesOf(state) : null }
}

/** Its object store, whatever the other parts do; null = it does not run. */
export function readObjectStore(dataDir: string): Services['s3'] | null {
  const state = readState(resolve(dataDir))
  return state !== null && isStarted(state.parts.s3) ? servicesOf(state).s3 : null
}

/** Processes that were not stopped and have ended all the same; of containers only their engine knows. */
export function endedParts(dataDir: string): readonly PartName[] {
  const parts = readState(resolve(dataDir))?.parts ?? {}
  return partNames.filter(name => parts[name]?.process && !isAlive(parts[name].process))
}

/** Of a stack that was started and not stopped: the state file and the process table, no question to servers or to an engine. */
export function readServices(dataDir: string): Services | null {
  const state = readState(resolve(dataDir))
  if (state === null) return null
  const started = Object.values(state.parts)
  return started.length > 0 && started.every(isStarted) ? servicesOf(state) : null
}
