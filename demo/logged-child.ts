import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Ended, Spawn } from '../runtime/child.js'

/** Processes whose output goes to a file: in the demo only the story stands on the screen. */
export function loggedChild(file: string): Spawn {
  mkdirSync(dirname(file), { recursive: true })
  return (command, args, env) => {
    const log = openSync(file, 'a')
    // The channel is how a role notices that this process is gone.
    const child = spawn(command, [...args], { env: { ...env }, stdio: ['ignore', log, log, 'ipc'] })
    closeSync(log)
    const ended = new Promise<Ended>(resolve => {
      child.once('error', error => {
        if (child.pid === undefined) resolve({ code: null, signal: null, error: error.message })
      })
      child.once('exit', (code, signal) => resolve({ code, signal, error: null }))
    })
    return { pid: child.pid ?? null, ended, kill: signal => void child.kill(signal) }
  }
}
