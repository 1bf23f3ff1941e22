import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FaultPoint } from '../../runtime/fault.js'
import { entry } from './instance.js'
import { until } from './until.js'
import type { World } from './world.js'

/** One role in a process of its own that stops (SIGSTOP) at a fault point, as if the machine slept, and does not know of it. */
export interface Zombie {
  /** Resolves when it stands. */
  stopped(): Promise<void>
  wake(): void
  log(): string
}

export function startZombie(world: World, role: 'route' | 'aggregate' | 'sink' | 'follow', point: FaultPoint): Zombie {
  const file = join(world.folder, `${role}-${point}.log`)
  const output = openSync(file, 'a')
  const args = [fileURLToPath(new URL('./killed-at.mjs', import.meta.url)), dirname(entry), role, point, world.bucket, 'SIGSTOP']
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...world.env }, stdio: ['ignore', output, output] })
  closeSync(output)
  const ended = new Promise(resolve => child.once('exit', resolve))
  const log = () => readFileSync(file, 'utf8')
  world.shown.push(() => `--- ${file}\n${log().split('\n').slice(-25).join('\n')}`)
  world.atEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    async stopped() {
      await until(world, `${role} to stop at ${point}`, 60, () => log().includes(`SIGSTOP at ${point}`) || null)
    },
    wake: () => void child.kill('SIGCONT'),
    log,
  }
}
