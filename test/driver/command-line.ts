import { type ChildProcess, spawn } from 'node:child_process'
import { entry } from './instance.js'
import type { World } from './world.js'

/** A command under way, in a process of its own. */
export interface Running {
  readonly child: ChildProcess
  stderr(): string
  readonly ended: Promise<Ended>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts `tributary <args>` as a user would, in this world. */
export function start(world: Pick<World, 'env' | 'atEnd'>, args: readonly string[], stdin = ''): Running {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...world.env }
  const child = spawn(process.execPath, [entry, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin)
  const ended = new Promise<Ended>(resolve => child.once('close', code => resolve({ code, stdout, stderr })))
  world.atEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended, stderr: () => stderr }
}

export const command = (world: Pick<World, 'env' | 'atEnd'>, args: readonly string[], stdin?: string): Promise<Ended> =>
  start(world, args, stdin).ended
