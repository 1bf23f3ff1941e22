import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from '@swc/core'
import { type Ended, type Spawn, spawnChild } from '../../runtime/child.js'
import { type Clock, systemClock } from '../../runtime/clock.js'
import { type Supervised, type SupervisorEvents, supervise } from '../../runtime/supervisor.js'
import { slowdown } from '../driver/slow-machine.js'

const stays = 'setInterval(() => {}, 1000)'
const child = (name: string, code: string): Supervised => ({ name, command: process.execPath, args: ['-e', code], env: process.env })

/** Records what happens and lets a test wait for it, with a deadline. */
function recorder() {
  const lines: string[] = []
  const pids: number[] = []
  const waiting: { has: (lines: readonly string[]) => boolean; done: () => void }[] = []
  const add = (line: string) => {
    lines.push(line)
    for (const one of waiting) if (one.has(lines)) one.done()
  }
  const events: SupervisorEvents = {
    started: (name, pid) => {
      pids.push(pid)
      add(`${name} started`)
    },
    died: (name, _, how, waitMs) => add(`${name} ended ${how}${waitMs === null ? ', given up' : ''}`),
    killed: name => add(`${name} killed`),
  }
  const until = (has: (lines: readonly string[]) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited 20 s; so far: ${lines.join('; ')}`)), 20_000 * slowdown())
      const done = () => {
        clearTimeout(timer)
        resolve()
      }
      if (has(lines)) done()
      else waiting.push({ has, done })
    })
  return { events, lines, pids, until }
}

const waitMs = { first: 5, longest: 20 }
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a killed process is started again, and the first one is gone by then', async () => {
  const { events, lines, pids, until } = recorder()
  const stop = new AbortController()
  const running = supervise([child('route', stays)], { clock: systemClock, events, signal: stop.signal, waitMs })
  await until(seen => seen.length === 1)
  process.kill(pids[0]!, 'SIGKILL')
  await until(seen => seen.length === 3)
  expect(lines).toEqual(['route started', 'route ended by SIGKILL', 'route started'])
  expect(isAlive(pids[0]!)).toBe(false)
  stop.abort()
  await running
  expect(pids.map(isAlive)).toEqual([false, false])
})

test('five deaths within a minute stop the others and are an error', async () => {
  const { events, lines, pids } = recorder()
  const running = supervise([child('sink', 'process.exit(3)'), child('route', stays)], {
    clock: systemClock,
    events,
    signal: new AbortController().signal,
    waitMs,
  })
  await expect(running).rejects.toMatchObject({ code: 'ROLE_KEEPS_ENDING', message: expect.stringContaining('exit code 3') })
  expect(lines.filter(line => line === 'sink started')).toHaveLength(5)
  expect(lines).toContain('sink ended with exit code 3, given up')
  expect(pids.filter(isAlive)).toEqual([])
})

test('a role that cannot run as things are set is not tried again', async () => {
  const { events, lines, pids } = recorder()
  const running = supervise([child('sink', 'process.exit(78)'), child('route', stays)], {
    clock: systemClock,
    events,
    signal: new AbortController().signal,
    waitMs,
  })
  await expect(running).rejects.toMatchObject({ code: 'ROLE_KEEPS_ENDING', message: expect.stringContaining('cannot run') })
  expect(lines.filter(line => line === 'sink started')).toHaveLength(1)
  expect(pids.filter(isAlive)).toEqual([])
})

/** Children that end as it is written, on a clock that only they and the waits move; when all is done the first one stays. */
function scripted(lives: readonly { readonly lasts: number; readonly code: number }[]) {
  let at = 0
  let begun = 0
  const waits: number[] = []
  const stop = new AbortController()
  const stopped = new Promise<Ended>(resolve =>
    stop.signal.addEventListener('abort', () => resolve({ code: 0, signal: null, error: null }), { once: true }),
  )
  const spawn: Spawn = name => {
    const life = name === 'sink' ? lives[begun++] : undefined
    if (name === 'sink' && life === undefined) stop.abort()
    const lived = async (): Promise<Ended> => {
      at += life!.lasts
      return { code: life!.code, signal: null, error: null }
    }
    return { pid: 1, ended: life === undefined ? stopped : lived(), kill: () => stop.abort() }
  }
  const clock: Clock = {
    ...systemClock,
    monotonic: () => at,
    async sleep(ms) {
      waits.push(ms)
      at += ms
    },
  }
  const named = (name: string): Supervised => ({ name, command: name, args: [], env: {} })
  const { events, lines } = recorder()
  const waitMs = { first: 200, longest: 30_000 }
  const running = supervise([named('sink'), named('route')], { clock, events, signal: stop.signal, spawn, waitMs })
  return { running, waits, lines }
}

test('a role that has worked and is refused when it starts again waits, and the others go on', async () => {
  const { running, waits, lines } = scripted([
    { lasts: 20_000, code: 1 },
    { lasts: 500, code: 78 },
    { lasts: 500, code: 78 },
    { lasts: 70_000, code: 78 },
  ])
  await running
  expect(waits.slice(0, 4)).toEqual([200, 30_000, 30_000, 30_000])
  expect(lines.filter(line => line.includes('given up'))).toEqual([])
  expect(lines.filter(line => line === 'route started')).toHaveLength(1)
})

test('one that was only waiting for a server has not worked', async () => {
  const { running } = scripted([
    { lasts: 31_000, code: 75 },
    { lasts: 500, code: 78 },
  ])
  await expect(running).rejects.toMatchObject({ code: 'ROLE_KEEPS_ENDING', message: expect.stringContaining('cannot run') })
})

test('one that has worked and dies again and again does not take the others with it', async () => {
  const { running, waits } = scripted([{ lasts: 3_600_000, code: 1 }, ...Array.from({ length: 8 }, () => ({ lasts: 100, code: 1 }))])
  await running
  expect(waits.slice(0, 9)).toEqual([200, 400, 800, 1_600, 30_000, 30_000, 30_000, 30_000, 30_000])
})

test('a role that ends because a server is away is started again without being counted', async () => {
  const { events, lines, until } = recorder()
  const stop = new AbortController()
  const running = supervise([child('route', 'process.exit(75)')], { clock: systemClock, events, signal: stop.signal, waitMs })
  await until(seen => seen.filter(line => line.includes('server is away')).length >= 6)
  stop.abort()
  await running
  expect(lines.some(line => line.includes('given up'))).toBe(false)
})

test('at the end every process is asked to stop, and killed when it does not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'supervisor-'))
  const ready = join(folder, 'ready')
  const deaf = `process.on('SIGTERM', () => {}); require('node:fs').writeFileSync(${JSON.stringify(ready)}, 'x'); ${stays}`
  const { events, lines, pids, until } = recorder()
  const stop = new AbortController()
  const running = supervise([child('deaf', deaf), child('polite', stays)], {
    clock: systemClock,
    events,
    signal: stop.signal,
    deadlineMs: 300,
  })
  await until(seen => seen.length === 2)
  await fileIsThere(ready)
  stop.abort()
  await running
  expect(lines).toContain('deaf killed')
  expect(lines).not.toContain('polite killed')
  expect(pids.filter(isAlive)).toEqual([])
  rmSync(folder, { recursive: true })
})

test('what cannot be started is given up with the reason', async () => {
  const { events } = recorder()
  const missing = { name: 'route', command: join(tmpdir(), 'no-such-program'), args: [], env: {} }
  const running = supervise([missing], { clock: systemClock, events, signal: new AbortController().signal, waitMs })
  await expect(running).rejects.toThrow(/without starting .*ENOENT/)
})

test('a signal that has come already starts nothing', async () => {
  const { events, lines } = recorder()
  await supervise([child('route', stays)], { clock: systemClock, events, signal: AbortSignal.abort() })
  expect(lines).toEqual([])
})

test.each([
  ['spawnChild', 'spawnChild'],
  ['spawnLogged', 'spawnLogged(() => undefined)'],
])('a role ends when its supervisor is killed (%s)', async (imported, spawn) => {
  const folder = mkdtempSync(join(tmpdir(), 'supervisor-'))
  const pidFile = join(folder, 'pid')
  const { code } = transformSync(readFileSync('runtime/child.ts', 'utf8'), { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } })
  writeFileSync(join(folder, 'child.mjs'), code)
  const role = `import { whenParentEnds } from './child.mjs'; import { writeFileSync } from 'node:fs'; ${stays}
    whenParentEnds(() => { console.error('gone'); process.exit(0) }); writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))`
  writeFileSync(join(folder, 'role.mjs'), role)
  const supervisor = `import { ${imported} } from './child.mjs'; ${spawn}(process.execPath, [${JSON.stringify(join(folder, 'role.mjs'))}], process.env); ${stays}`
  writeFileSync(join(folder, 'supervisor.mjs'), supervisor)

  const started = spawnChild(process.execPath, [join(folder, 'supervisor.mjs')], process.env)
  await fileIsThere(pidFile)
  const rolePid = Number(readFileSync(pidFile, 'utf8'))
  started.kill('SIGKILL')
  await started.ended
  await eventually(() => !isAlive(rolePid), 'the role to end')
  rmSync(folder, { recursive: true })
})

const fileIsThere = (file: string) =>
  eventually(() => {
    try {
      return readFileSync(file, 'utf8') !== ''
    } catch {
      return false
    }
  }, file)

async function eventually(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 20_000 * slowdown()
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited 20 s for ${what}`)
    await systemClock.sleep(5)
  }
}
