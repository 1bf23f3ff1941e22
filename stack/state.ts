import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isAlive, type OwnedProcess } from './owned-process.js'
import { type PartName, registryUrl, type Services, type StackKind } from './services.js'

export interface PartState {
  /** Which program it is: the object store may be one of two. */
  readonly kind: string
  readonly version: string
  readonly ports: Readonly<Record<string, number>>
  /** Null when it was stopped; its ports stay remembered. */
  readonly process: OwnedProcess | null
  /** The name of its container; absent when it is a process, null when it was stopped. */
  readonly container?: string | null
}

/** A living process, or a container that nobody has stopped: whether that one still runs only its engine knows. */
export function isStarted(part: PartState | undefined): part is PartState {
  return part !== undefined && (part.container != null || (part.process !== null && isAlive(part.process)))
}

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface StackState {
  readonly format: 1
  /** Made for this data folder; good for nothing but the local object store. */
  readonly credentials: Credentials
  readonly parts: Partial<Record<PartName, PartState>>
}

export const region = 'us-east-1'

/** Null: nothing of it was started. */
export function startedAs(state: StackState | null): StackKind | null {
  const started = Object.values(state?.parts ?? {}).filter(isStarted)
  if (started.length === 0) return null
  return started.some(part => part.container != null) ? 'docker' : 'processes'
}

export function stackDir(dataDir: string): string {
  return join(dataDir, 'stack')
}

/** The state file, or null when there is none (or an unreadable one, which is written anew by the next start). */
export function readState(dataDir: string): StackState | null {
  try {
    const state = JSON.parse(readFileSync(statePath(dataDir), 'utf8')) as StackState
    return state.format === 1 ? state : null
  } catch {
    return null
  }
}

export function newState(): StackState {
  return { format: 1, credentials: { accessKeyId: 'tributary', secretAccessKey: randomBytes(18).toString('base64url') }, parts: {} }
}

/** Synchronous on purpose: between starting a process and remembering it there must be no moment at which Ctrl-C is answered. */
export function writeState(dataDir: string, state: StackState): void {
  const path = statePath(dataDir)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

export function withPart(state: StackState, name: PartName, part: PartState): StackState {
  return { ...state, parts: { ...state.parts, [name]: part } }
}

function statePath(dataDir: string): string {
  return join(stackDir(dataDir), 'state.json')
}

/** Parts that were never started have empty values. */
export function servicesOf(state: StackState): Services {
  const { kafka, registry, s3 } = state.parts
  return {
    brokers: kafka === undefined ? [] : [`127.0.0.1:${kafka.ports.client}`],
    registry: registry === undefined ? '' : registryUrl(registry.ports.http!),
    s3: { endpoint: s3 === undefined ? '' : `http://127.0.0.1:${s3.ports.http}`, region, ...state.credentials },
  }
}
