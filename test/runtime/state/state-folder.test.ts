import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { takeStateFolder } from '../../../runtime/state/state-folder.js'

const base = mkdtempSync(join(tmpdir(), 'state-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

test('two instances never share a folder, and a released one is taken again', () => {
  const first = takeStateFolder(base, 'route')
  const second = takeStateFolder(base, 'route')
  expect(second.path).not.toBe(first.path)
  first.release()
  expect(takeStateFolder(base, 'route').path).toBe(first.path)
})

test('the folder of a process that is gone is taken over, so that its store is used again', () => {
  const mine = takeStateFolder(base, 'killed')
  const gone = spawnSync(process.execPath, ['-e', '']).pid
  writeFileSync(join(mine.path, 'lock-1'), JSON.stringify({ pid: gone, start: '1' }))
  expect(takeStateFolder(base, 'killed').path).toBe(mine.path)
})

test('a recycled pid is not taken for the owner', () => {
  const mine = takeStateFolder(base, 'recycled')
  writeFileSync(join(mine.path, 'lock-1'), JSON.stringify({ pid: process.ppid, start: '1' }))
  expect(takeStateFolder(base, 'recycled').path).toBe(mine.path)
})
