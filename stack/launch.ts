import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { identify, isAlive, type OwnedProcess, terminate } from './owned-process.js'
import type { Asking, Command, Launch, Part } from './part.js'
import type { Environment } from './services.js'
import type { PartState } from './state.js'
import { unicode } from './unicode.js'

export interface LaunchContext extends Asking {
  readonly launch: Launch
  readonly env: Environment
  readonly log: string
  /** Called in the same breath in which the process came to be. */
  record(state: PartState): void
}

export interface Trouble {
  readonly what: string
  /** The server's own words: the end of its log. */
  readonly said: string
}

/** Starts one server and waits until it serves. Null when it does, else what happened; nothing of it runs then. */
export async function launch(part: Part, context: LaunchContext): Promise<Trouble | null> {
  let command: Command
  try {
    await part.prepare?.(context.launch)
    command = await part.command(context.launch)
  } catch (error) {
    const { message, stderr, stdout } = error as Error & { stderr?: string; stdout?: string }
    return { what: 'it could not be prepared', said: telling(stderr || stdout || message, shownLines) }
  }
  const started = spawnDetached(command, context)
  if (started === null) return { what: `${command.file} ended at once or cannot be run`, said: log(context) }
  const state: PartState = { kind: part.kind, version: part.version, ports: context.launch.ports, process: started }
  context.record(state)
  const what = await untilServing(part, state, context)
  if (what === null) return null
  await terminate(started, 5_000)
  context.record({ ...state, process: null })
  return { what, said: log(context) }
}

const shownLines = 20

function log(context: LaunchContext): string {
  return telling(readFileSync(context.log, 'utf8'), shownLines)
}

/** Resolves with null when the server answers, else with why waiting is over. */
export async function untilServing(part: Pick<Part, 'serves' | 'patienceMs'>, state: PartState, asking: Asking): Promise<string | null> {
  const deadline = performance.now() + part.patienceMs
  while (state.process !== null) {
    if (await part.serves(state, asking)) return null
    if (!isAlive(state.process)) break
    if (performance.now() > deadline) return `no answer within ${part.patienceMs / 1000} s`
    await pause(40)
  }
  return 'its process ended'
}

/** The server outlives this process and its terminal (a session of its own), and writes to its log file only. */
function spawnDetached(command: Command, context: LaunchContext): OwnedProcess | null {
  mkdirSync(dirname(context.log), { recursive: true })
  if (existsSync(context.log)) renameSync(context.log, `${context.log}.1`)
  const log = openSync(context.log, 'a')
  const child = spawn(command.file, command.args, {
    cwd: context.launch.dir,
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...serverEnvironment(context.env), ...command.env },
  })
  closeSync(log)
  child.on('error', () => {}) // A program that is not there: seen below, as it has no process id.
  child.unref()
  return child.pid === undefined ? null : identify(child.pid)
}

/** Nothing else: the servers read settings from variables too (`QUARKUS_…`, `KAFKA_…`, `JAVA_TOOL_OPTIONS`). */
function serverEnvironment(env: Environment): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TZ'].flatMap(name => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return { ...Object.fromEntries(kept), ...unicode }
}

/** The last line of a log; empty when there is none. */
export function lastWords(file: string): string {
  return existsSync(file) ? (readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '') : ''
}

/** The end of a log, and the first complaint if a long stack trace has pushed it out. */
export function telling(log: string, count: number): string {
  const lines = log.trimEnd().split('\n')
  const end = lines.slice(-count)
  const complaint = lines.slice(0, -count).find(line => /ERROR|FATAL|Exception/.test(line))
  return [...(complaint === undefined ? [] : [complaint, '…']), ...end].join('\n')
}
