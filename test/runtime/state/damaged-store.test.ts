import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, silentLogger } from '../../../runtime/logger.js'
import { lmdbStateStore } from '../../../runtime/state/lmdb-state-store.js'
import type { StateStore } from '../../../runtime/state/state-store.js'
import { isTributaryError } from '../../../schemas/errors.js'

const base = mkdtempSync(join(tmpdir(), 'damaged-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const said: string[] = []
const logger: Logger = { ...silentLogger, warn: (_, text) => void said.push(text) }
const pageBytes = 4096
const key = (n: number) => Buffer.from(`key ${String(n).padStart(6, '0')}`)
let folder = ''
let file = ''
let made = 0

/** A store of some hundred pages, as a process that was killed has left it. */
beforeEach(async () => {
  said.length = 0
  folder = join(base, String(++made))
  file = join(folder, 'data.mdb')
  const store = lmdbStateStore(folder, logger)
  for (let n = 0; n < 10; n++)
    store.merge(
      { puts: Array.from({ length: 1000 }, (_, i) => [key(n * 1000 + i), Buffer.alloc(20)] as const) },
      Buffer.from(`header ${n}`),
    )
  await store.close()
})

/** Pages are overwritten with zeros: of those LMDB says that they are damaged, other bytes may end the process. */
function zero(pages: (page: Buffer, n: number) => boolean): void {
  const bytes = readFileSync(file)
  const descriptor = openSync(file, 'r+')
  for (let n = 2; n * pageBytes < bytes.length; n++)
    if (pages(bytes.subarray(n * pageBytes, (n + 1) * pageBytes), n))
      writeSync(descriptor, Buffer.alloc(pageBytes), 0, pageBytes, n * pageBytes)
  closeSync(descriptor)
}

async function isNew(store: StateStore): Promise<void> {
  expect(store.header()).toBeNull()
  expect([...store.range({})]).toEqual([])
  expect(store.merge({ puts: [[key(1), key(1)]] }, Buffer.from('again'))).toBe(true)
  await store.close()
  const again = lmdbStateStore(folder, logger)
  expect(again.get(key(1))).toEqual(key(1))
  expect(said).toHaveLength(1)
  await again.close()
}

test.each<[string, () => void, RegExp]>([
  ['cut in half', () => truncateSync(file, statSync(file).size >> 1), /its data file has \d+ bytes of \d+$/],
  ['cut within its last page', () => truncateSync(file, statSync(file).size - 1), /its data file has \d+ bytes of \d+$/],
  ['cut to one page', () => truncateSync(file, pageBytes), /does not begin as one of LMDB does$/],
  ['cut to a few bytes', () => truncateSync(file, 100), /does not begin as one of LMDB does$/],
  ['overwritten', () => writeFileSync(file, Buffer.alloc(1 << 20, 'no LMDB')), /does not begin as one of LMDB does$/],
  ['zero but for its head', () => zero(() => true), /MDB_/],
])('a data file that is %s is removed, and the log says why', async (_, damage, why) => {
  damage()
  const store = lmdbStateStore(folder, logger)
  expect(said).toEqual([expect.stringMatching(why)])
  await isNew(store)
})

test('a page that turns out to be damaged stops the task, and the next store begins empty', async () => {
  zero(page => page.includes(key(5003)))
  const store = lmdbStateStore(folder, logger)
  expect(store.header()?.toString()).toBe('header 9')
  expect(store.has(key(0))).toBe(true)
  for (const read of [() => store.has(key(5003)), () => store.get(key(5003)), () => [...store.range({})]]) {
    let thrown: unknown
    try {
      read()
    } catch (error) {
      thrown = error
    }
    expect(isTributaryError(thrown, 'STORE_DAMAGED')).toBe(true)
  }
  await store.close()
  const next = lmdbStateStore(folder, logger)
  expect(said).toEqual([expect.stringMatching(/MDB_/)])
  await isNew(next)
})

test('a store that two processes in a row died of is removed; one that merged between deaths is not', async () => {
  const die = () => void lmdbStateStore(folder, logger)
  const merge = () => {
    const store = lmdbStateStore(folder, logger)
    expect(store.merge({}, Buffer.from('merged'))).toBe(true)
  }
  for (const step of [die, merge, die, merge, die, die]) step()
  expect(said).toEqual([])
  const store = lmdbStateStore(folder, logger)
  expect(said).toEqual([expect.stringMatching(/2 processes died before they had merged anything into it$/)])
  await isNew(store)
})

test('a store that was not written to the disk when the machine was restarted is removed; one that was closed in order is kept', async () => {
  const killed = lmdbStateStore(folder, logger, 'first boot')
  expect(killed.merge({ puts: [[key(1), key(1)]] }, Buffer.from('killed'))).toBe(true)
  // Another process of the same boot: what was written outlives who wrote it.
  const after = lmdbStateStore(folder, logger, 'first boot')
  expect([after.header()?.toString(), said]).toEqual(['killed', []])
  await after.close()
  await killed.close()
  const closed = lmdbStateStore(folder, logger, 'second boot')
  expect([closed.header()?.toString(), said]).toEqual(['killed', []])
  expect(closed.merge({}, Buffer.from('killed again'))).toBe(true)
  const third = lmdbStateStore(folder, logger, 'third boot')
  expect(said).toEqual([expect.stringMatching(/the machine was restarted before it was written to the disk$/)])
  await isNew(third)
})

test('where the machine has no boot id, merges are written to the disk, and nothing is removed', async () => {
  for (const name of ['one', 'two']) {
    const store = lmdbStateStore(folder, logger, '')
    expect(store.merge({}, Buffer.from(name))).toBe(true)
  }
  const store = lmdbStateStore(folder, logger, '')
  expect([store.header()?.toString(), said]).toEqual(['two', []])
  await store.close()
})
