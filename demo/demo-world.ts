import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { readConfig, settings } from '../config.js'
import type { Addresses } from '../runtime/addresses.js'
import { type Spawn, spawnLogged } from '../runtime/child.js'
import { systemClock } from '../runtime/clock.js'
import { logLine } from '../runtime/log-line.js'
import { roleNames } from '../runtime/roles.js'
import { openServices, type Services } from '../runtime/services.js'
import { supervise } from '../runtime/supervisor.js'
import { prepareTopics } from '../runtime/topics-admin.js'
import type { Environment } from '../stack/stack.js'
import { removeState } from './earlier-demos.js'

export interface WorldOptions {
  /** Before every topic, group and state folder. */
  readonly prefix: string
  readonly bucket: string
  /** Bucket whose new objects the role follow finds; null = nothing is followed. */
  readonly uploads: string | null
  readonly partitions: number
  readonly env: Environment
  readonly dataDir: string
  readonly addresses: Addresses
  /** The compiled `main.js`. */
  readonly entry: string
  readonly logFile: string
}

export interface RoleStart {
  readonly role: string
  readonly pid: number
  readonly at: number
}

/** Topics, a bucket and processes of its own: a demo disturbs nobody, and two of them can be compared. */
export interface World {
  readonly services: Services
  /** What a terminal needs to look into this world. */
  readonly variables: Readonly<Record<string, string>>
  readonly starts: readonly RoleStart[]
  /** Aborts when the roles cannot be kept running; its reason says why. */
  readonly broken: AbortSignal
  prepare(): Promise<void>
  startRoles(): void
  /** `kill -9`; returns the process that it was. */
  kill(role: string): number
  stopRoles(): Promise<void>
  close(): Promise<void>
}

export function makeWorld(options: WorldOptions): World {
  const { prefix, bucket, uploads, partitions, dataDir } = options
  const variables = { TOPIC_PREFIX: prefix, DATASETS_BUCKET: bucket, PARTITIONS: String(partitions) }
  // Every second instead of every five: nobody likes to wait in a demo.
  const followed = uploads === null ? {} : { FOLLOW_BUCKET: uploads, FOLLOW_PREFIXES: 'section/', FOLLOW_EVERY_SECONDS: '1' }
  const env = { ...withoutSettings(options.env), ...variables, ...followed, TRIBUTARY_DATA_DIR: dataDir, SESSION_TIMEOUT_MS: '6000' }
  const services = openServices({ ...readConfig(env), logLevel: 'silent' }, options.addresses, 'demo')
  const starts: RoleStart[] = []
  const stop = new AbortController()
  const broken = new AbortController()
  let running: Promise<void> = Promise.resolve()

  return {
    services,
    variables,
    starts,
    broken: broken.signal,
    async prepare() {
      if (uploads !== null) await services.store.ensureBucket(uploads)
      await prepareTopics(services)
    },
    startRoles() {
      const names = uploads === null ? roleNames : ([...roleNames, 'follow'] as const)
      const wanted = names.map(name => ({ name, command: process.execPath, args: [options.entry, 'run', '--role', name], env }))
      const events = {
        started: (role: string, pid: number) => void starts.push({ role, pid, at: systemClock.now() }),
        died: () => undefined,
        killed: () => undefined,
      }
      running = supervise(wanted, { clock: systemClock, signal: stop.signal, events, spawn: loggedTo(options.logFile) }).catch(error =>
        broken.abort(error),
      )
    },
    kill(role) {
      const { pid } = starts.findLast(start => start.role === role)!
      process.kill(pid, 'SIGKILL')
      return pid
    },
    async stopRoles() {
      stop.abort()
      await running
    },
    async close() {
      stop.abort()
      await running
      await services.close()
      removeState(dataDir, prefix)
    },
  }
}

/** In the demo only the story stands on the screen: what the roles say goes to a file. */
function loggedTo(file: string): Spawn {
  mkdirSync(dirname(file), { recursive: true })
  return spawnLogged((name, text) => appendFileSync(file, `${JSON.stringify(logLine(text, name, systemClock.now()))}\n`))
}

/** The demo is the same everywhere: what the user has set for real work stays out of it. */
function withoutSettings(env: Environment): Record<string, string | undefined> {
  const ours = new Set<string>(Object.values(settings).map(setting => setting.env))
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.has(name) || name === 'LOG_LEVEL'))
}
