import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withLock } from '../../stack/lock.js'
import { identify, isAlive, type OwnedProcess, startTicks, terminate } from '../../stack/owned-process.js'

const folder = mkdtempSync(join(tmpdir(), 'tributary-lock-'))
const path = join(folder, 'lock')
const quick = { waiting: () => {}, deadlineMs: 5_000 }
afterAll(() => rmSync(folder, { recursive: true }))

test('work under one lock never overlaps', async () => {
  let inside = 0
  let most = 0
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside)
    await new Promise(resolve => setImmediate(resolve))
    inside--
  }
  await Promise.all(Array.from({ length: 8 }, () => withLock(path, quick, work)))
  expect(most).toBe(1)
  expect(existsSync(path)).toBe(false)
})

test('the lock of a process that died is taken over; of one that lives it is not', async () => {
  const self = identify(process.pid)!
  writeFileSync(path, JSON.stringify({ pid: process.pid, started: 'before the last start of the machine' }))
  expect(await withLock(path, quick, async () => 'mine')).toBe('mine')
  writeFileSync(path, JSON.stringify(self))
  let told = 0
  const waiting = (): void => {
    told++
  }
  await expect(withLock(path, { waiting, deadlineMs: 200 }, async () => 'mine')).rejects.toMatchObject({ code: 'STORE_UNUSABLE' })
  expect(told).toBe(1)
  rmSync(path)
})

test('the lock goes when the work throws', async () => {
  const broken = withLock(path, quick, async () => {
    throw new Error('broken work')
  })
  await expect(broken).rejects.toThrow('broken work')
  expect(existsSync(path)).toBe(false)
})

/** `/proc/<pid>/stat` with the numbers of its fields as values, but for the state (3) and the number of threads (20). */
const statLine = (state: string, threads: number): string =>
  `42 (a ) b) ${state} ${Array.from({ length: 19 }, (_, i) => (i + 4 === 20 ? threads : i + 4)).join(' ')}`

test('the start time is read behind a name with blanks and brackets; a zombie has none', () => {
  expect(startTicks(statLine('S', 8))).toBe('22')
  expect(startTicks(statLine('Z', 1))).toBeNull()
})

// Found by CI: a killed registry was taken for dead while its last threads still held its port, and came back on another one.
test('a killed process is alive until its last thread is gone', () => {
  expect(startTicks(statLine('Z', 2))).toBe('22')
})

test('a process with a recycled id is a stranger: not alive to us, not ended by us', async () => {
  const stranger: OwnedProcess = { pid: process.pid, started: 'another time' }
  expect(isAlive(stranger)).toBe(false)
  expect(await terminate(stranger, 100)).toBe(true)
})

test('a process that ignores SIGTERM is ended after the deadline', async () => {
  const child = spawn(process.execPath, [
    '-e',
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.stdout.write('ready')",
  ])
  await new Promise(resolve => child.stdout.once('data', resolve))
  const owned = identify(child.pid!)!
  expect(isAlive(owned)).toBe(true)
  expect(await terminate(owned, 100)).toBe(true)
  expect(isAlive(owned)).toBe(false)
})
