import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyRoleName } from '../../runtime/roles.js'
import { until } from './until.js'
import type { World } from './world.js'

/** The compiled program: what is killed must be a process of its own. */
export const entry = process.env.TRIBUTARY_TEST_ENTRY ?? join(process.cwd(), 'dist', 'main.js')

/** `tributary run` as a process group of its own. */
export interface Instance {
  /** `kill -9` of the supervisor and all of its roles at once, as when a machine goes. */
  kill(): Promise<void>
  /** `kill -9` of one role; its supervisor stays. */
  killRole(role: AnyRoleName): Promise<void>
  /** Ctrl-C. Resolves with the exit code. */
  stop(): Promise<number | null>
  /** A signal to the supervisor alone, as a service manager sends it. Resolves with the exit code, null after SIGKILL. */
  terminate(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
  /** Roles that are still running, whatever became of the supervisor. */
  roles(): readonly number[]
  log(): string
}

let started = 0

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    // One that has ended and that nobody has reaped yet does nothing any more.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

export function startInstance(world: World, args: readonly string[] = []): Instance {
  const file = join(world.folder, `instance-${started++}.log`)
  const output = openSync(file, 'a')
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...world.env }
  const child = spawn(process.execPath, [entry, 'run', ...args], { env, stdio: ['ignore', output, output], detached: true })
  closeSync(output)
  const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
  const log = () => readFileSync(file, 'utf8')
  world.shown.push(() => `--- ${file}\n${log().split('\n').slice(-25).join('\n')}`)
  const signal = (name: 'SIGKILL' | 'SIGINT') => {
    try {
      process.kill(-child.pid!, name)
    } catch {
      // The group is gone already.
    }
  }
  const killed = new Set<number>()
  const instance: Instance = {
    async kill() {
      signal('SIGKILL')
      await ended
    },
    async killRole(role) {
      await until(world, `${role} to have started`, 20, () => {
        const started = log().match(new RegExp(`${role} started \\(process (\\d+)\\)`, 'g'))
        const pid = Number(/process (\d+)/.exec(started?.at(-1) ?? '')?.[1])
        // The one that was killed before is not killed again: its successor is waited for.
        if (Number.isNaN(pid) || killed.has(pid) || log().includes(`(process ${pid}) ended`)) return null
        killed.add(pid)
        process.kill(pid, 'SIGKILL')
        return true
      })
    },
    stop() {
      signal('SIGINT')
      return ended
    },
    terminate(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
    roles: () => [...log().matchAll(/ started \(process (\d+)\)/g)].map(([, pid]) => Number(pid)).filter(isAlive),
    log,
  }
  world.atEnd(() => instance.kill())
  return instance
}
