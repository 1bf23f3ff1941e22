import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isLocked, lockFolder } from '../../../runtime/state/folder-lock.js'

const base = mkdtempSync(join(tmpdir(), 'lock-'))
const living = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
const gone = spawnSync(process.execPath, ['-e', '']).pid
afterAll(() => {
  living.kill('SIGKILL')
  rmSync(base, { recursive: true, force: true })
})

const start = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]!
const dead = JSON.stringify({ pid: gone, start: '1' })
const other = JSON.stringify({ pid: living.pid, start: start(living.pid!) })

let made = 0
function folderWith(locks: Readonly<Record<string, string>>): string {
  const folder = join(base, String(made++))
  mkdirSync(folder)
  for (const [name, text] of Object.entries(locks)) writeFileSync(join(folder, name), text)
  return folder
}

test('the lock of a dead process is taken over, whatever its number, and left again', () => {
  for (const locks of [{}, { lock: dead }, { 'lock-1': dead }, { 'lock-1': dead, 'lock-7': dead }, { 'lock-3': 'torn' }]) {
    const folder = folderWith(locks as Record<string, string>)
    expect(isLocked(folder)).toBe(false)
    const release = lockFolder(folder)!
    expect(isLocked(folder)).toBe(true)
    expect(lockFolder(folder)).toBeNull()
    release()
    expect(isLocked(folder)).toBe(false)
  }
})

test.each(['lock', 'lock-5'])('%s of a live process is left alone', name => {
  expect(lockFolder(folderWith({ 'lock-1': dead, [name]: other }))).toBeNull()
})

test('of two that find the same dead owner one gets the folder', () => {
  const folder = folderWith({ 'lock-4': dead })
  expect(lockFolder(folder, () => writeFileSync(join(folder, 'lock-5'), other))).toBeNull()
  expect(readFileSync(join(folder, 'lock-5'), 'utf8')).toBe(other)
})

test('who slept while others took the folder, left it and took it again gets nothing', () => {
  const folder = folderWith({ 'lock-4': dead })
  // Its number was made and removed meanwhile: it is free.
  const others = () => {
    rmSync(join(folder, 'lock-4'))
    writeFileSync(join(folder, 'lock-20'), other)
  }
  expect(lockFolder(folder, others)).toBeNull()
  expect(readdirSync(folder)).toEqual(['lock-20'])
})

test('locks of long ago are removed', () => {
  const folder = folderWith(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`lock-${n + 1}`, dead])))
  lockFolder(folder)
  expect(readdirSync(folder)).toEqual(['lock-31'])
})
