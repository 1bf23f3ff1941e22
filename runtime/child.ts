import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** How a process ended; the operating system has forgotten it by then. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  /** It never ran. */
  readonly error: string | null
}

export interface Child {
  /** Null when it could not be started. */
  readonly pid: number | null
  readonly ended: Promise<Ended>
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** `name`: of the process, for its log. */
export type Spawn = (command: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>, name?: string) => Child

/** A channel to the parent is opened only to see the parent die (`whenParentEnds`); output goes where the parent's goes. */
export const spawnChild: Spawn = (command, args, env) => {
  const child = spawn(command, [...args], { env: { ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return { pid: child.pid ?? null, ended: endOf(child), kill: signal => void child.kill(signal) }
}

/** What a process has printed is read on for so long after its end: something else may hold its output open. */
const lastLinesMs = 1000

/** The same, but `onLine` gets what it prints, each line once, and all of it before it is reported as ended. */
export function spawnLogged(onLine: (name: string, line: string) => void): Spawn {
  return (command, args, env, name = command) => {
    const child = spawn(command, [...args], { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    const outputs = [child.stdout!, child.stderr!]
    const readers = outputs.map(input => createInterface({ input }).on('line', line => onLine(name, line)))
    const read = Promise.all(readers.map(reader => once(reader, 'close')))
    const giveUp = () => {
      for (const reader of readers) reader.close()
      for (const output of outputs) output.destroy()
    }
    const ended = endOf(child).then(async end => {
      const timer = setTimeout(giveUp, lastLinesMs)
      await read
      clearTimeout(timer)
      return end
    })
    return { pid: child.pid ?? null, ended, kill: signal => void child.kill(signal) }
  }
}

function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise<Ended>(resolve => {
    child.once('error', error => {
      if (child.pid === undefined) resolve({ code: null, signal: null, error: error.message })
    })
    // `exit` comes after the process was reaped; `close` would also wait for others that hold its output.
    child.once('exit', (code, signal) => resolve({ code, signal, error: null }))
  })
}

/** Calls back when the process that started this one is gone, also by `kill -9`: a role must not live on without its supervisor. */
export function whenParentEnds(gone: () => void): void {
  if (process.channel === undefined) return
  process.once('disconnect', gone)
  process.channel.unref()
}
