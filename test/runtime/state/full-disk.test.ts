import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, silentLogger } from '../../../runtime/logger.js'
import { type FreeBytes, freeBytes, replaceFile, requireRoom } from '../../../runtime/state/disk-room.js'
import { lmdbStateStore } from '../../../runtime/state/lmdb-state-store.js'
import { memberFile } from '../../../runtime/state/member-file.js'
import { takeStateFolder } from '../../../runtime/state/state-folder.js'

const base = mkdtempSync(join(tmpdir(), 'full-'))
const disk = join(base, 'disk')
const filler = join(disk, 'filler')
mkdirSync(disk)
/** A real one of 16 MiB where we may mount, else one that only says so. */
const isReal = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]).status === 0
afterAll(() => {
  if (isReal) spawnSync('umount', [disk])
  rmSync(base, { recursive: true, force: true })
})

const said: string[] = []
const logger: Logger = { ...silentLogger, warn: (_, text) => void said.push(text) }
let left: number | null = null
const free: FreeBytes = folder => left ?? freeBytes(folder)

/** Nothing, or so many bytes, can be written any more. */
function fill(bytes = 0): void {
  left = isReal ? null : bytes
  if (!isReal) return
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - bytes)))
}
function makeRoom(): void {
  left = null
  rmSync(filler, { force: true })
}
beforeEach(() => {
  said.length = 0
  makeRoom()
})

const open = (name: string) => lmdbStateStore(join(disk, name), logger, 'this boot', free)
const puts = (n: number) => Array.from({ length: 500 }, (_, i) => [Buffer.from(`${n}-${i}`), Buffer.alloc(200)] as const)

test('a merge that has no room changes nothing, and goes on when there is room', async () => {
  const store = open('merging')
  let n = 0
  const merge = () => store.merge({ puts: puts(n) }, Buffer.from(String(++n)))
  merge()
  fill(3 << 20)
  let error: unknown
  for (let tries = 0; tries < 100 && error === undefined; tries++) {
    if (!isReal) left = (3 << 20) - tries * 200_000
    try {
      merge()
    } catch (thrown) {
      error = thrown
    }
  }
  expect(error).toMatchObject({ code: 'DISK_FULL', retry: true })
  const merged = n - 1
  expect(store.header()?.toString()).toBe(String(merged))
  expect(store.get(Buffer.from(`${merged}-0`))).toBeNull()
  expect(store.get(Buffer.from(`${merged - 1}-0`))).toHaveLength(200)
  await store.close()
  makeRoom()
  const again = open('merging')
  expect(again.header()?.toString()).toBe(String(merged))
  n = merged
  expect(again.merge({ puts: puts(n) }, Buffer.from(String(n + 1)))).toBe(true)
  await again.close()
  expect(said).toEqual([])
})

test('a store is not opened on a full disk, and what is in it stays', async () => {
  const store = open('opening')
  store.merge({ puts: puts(0) }, Buffer.from('1'))
  await store.close()
  for (let tries = 0; tries < 4; tries++) {
    fill()
    for (const name of ['opening', 'new']) expect(() => open(name)).toThrow(expect.objectContaining({ code: 'DISK_FULL' }))
    makeRoom()
  }
  const again = open('opening')
  expect(again.header()?.toString()).toBe('1')
  await again.close()
  expect(said).toEqual([])
})

test('a file that cannot be written again stays as it was', () => {
  const folder = join(disk, 'marks')
  mkdirSync(folder)
  replaceFile(join(folder, 'mark'), 'before')
  memberFile(folder).write('member 1')
  fill()
  const large = 'x'.repeat(100_000)
  if (isReal) {
    expect(() => replaceFile(join(folder, 'mark'), large)).toThrow(expect.objectContaining({ code: 'DISK_FULL' }))
    expect(() => memberFile(folder).write(large)).toThrow(expect.objectContaining({ code: 'DISK_FULL' }))
    expect(() => takeStateFolder(disk, 'route')).toThrow(expect.objectContaining({ code: 'DISK_FULL' }))
  }
  expect(() => requireRoom(folder, 1, free)).toThrow(expect.objectContaining({ code: 'DISK_FULL' }))
  makeRoom()
  expect(readFileSync(join(folder, 'mark'), 'utf8')).toBe('before')
  expect(memberFile(folder).left).toBe('member 1')
  takeStateFolder(disk, 'route').release()
})
