import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FaultPoint } from '../../runtime/fault.js'
import type { AnyRoleName } from '../../runtime/roles.js'
import { entry } from './instance.js'
import type { World } from './world.js'

/** What happens when a point is passed next: a signal to the own process, an exception, or it hangs for so many milliseconds. */
export type Suffering = readonly [point: FaultPoint, what: 'SIGKILL' | 'SIGSTOP' | 'throw' | number]

/** One role, or a backfill, in a process of its own that suffers by a plan, step after step. */
export interface FaultyRole {
  readonly child: ChildProcess
  /** The signal that ended it, or `exit code <n>`. */
  readonly ended: Promise<string>
  log(): string
}

const program = fileURLToPath(new URL('./role-under-faults.mjs', import.meta.url))
let started = 0

export function startFaulty(world: World, role: AnyRoleName | 'backfill', plan: readonly Suffering[]): FaultyRole {
  const steps = plan.map(step => step.join('=')).join()
  const file = join(world.folder, `${role}-${started++}.log`)
  const output = openSync(file, 'a')
  const child = spawn(process.execPath, [program, dirname(entry), role, steps, world.bucket], {
    env: { PATH: process.env.PATH, ...world.env },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const ended = new Promise<string>(resolve => child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)))
  const log = () => readFileSync(file, 'utf8')
  world.shown.push(() => `--- ${role} ${steps}\n${log().split('\n').slice(-25).join('\n')}`)
  world.atEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended, log }
}

/** The step that has happened says so. */
export const suffered = ({ log }: FaultyRole, [point, what]: Suffering): boolean => log().includes(`${what} at ${point}\n`)
