import { spawn } from 'node:child_process'

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

export type Spawn = (command: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>) => Child

/** A channel to the parent is opened only to see the parent die (`whenParentEnds`); output goes where the parent's goes. */
export const spawnChild: Spawn = (command, args, env) => {
  const child = spawn(command, [...args], { env: { ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = new Promise<Ended>(resolve => {
    child.once('error', error => {
      if (child.pid === undefined) resolve({ code: null, signal: null, error: error.message })
    })
    // `exit` comes after the process was reaped; `close` would also wait for others that hold its output.
    child.once('exit', (code, signal) => resolve({ code, signal, error: null }))
  })
  return { pid: child.pid ?? null, ended, kill: signal => void child.kill(signal) }
}

/** Calls back when the process that started this one is gone, also by `kill -9`: a role must not live on without its supervisor. */
export function whenParentEnds(gone: () => void): void {
  if (process.channel === undefined) return
  process.once('disconnect', gone)
  process.channel.unref()
}
