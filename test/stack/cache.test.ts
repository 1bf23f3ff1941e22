import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cache, openCache } from '../../stack/cache.js'
import { formatSums, parseSums } from '../../stack/sums.js'

const steps: string[] = []
let cache: Cache
let filled = 0

beforeEach(async () => {
  filled = 0
  cache = await openCache(mkdtempSync(join(tmpdir(), 'tributary-cache-')), { step: text => steps.push(text) })
})
afterEach(() => rmSync(cache.dir, { recursive: true }))

async function fill(staging: string): Promise<void> {
  filled++
  mkdirSync(join(staging, 'lib'))
  writeFileSync(join(staging, 'lib', 'b.jar'), 'bytes of b')
  writeFileSync(join(staging, 'a.jar'), 'bytes of a')
}

test('a folder is filled once; its files come in a fixed order', async () => {
  await cache.ensure('part-1', fill)
  await cache.ensure('part-1', fill)
  expect(filled).toBe(1)
  expect(await cache.files('part-1')).toEqual([cache.path('part-1/a.jar'), cache.path('part-1/lib/b.jar')])
})

test('a truncated file is seen by its size and the folder filled again', async () => {
  await cache.ensure('part-1', fill)
  truncateSync(cache.path('part-1/a.jar'), 3)
  await cache.ensure('part-1', fill)
  expect(filled).toBe(2)
  expect(readFileSync(cache.path('part-1/a.jar'), 'utf8')).toBe('bytes of a')
})

test('other bytes of the same length are seen by the deep look only', async () => {
  await cache.ensure('part-1', fill)
  writeFileSync(cache.path('part-1/a.jar'), 'BYTES OF A')
  expect([await cache.isGood('part-1', 'quick'), await cache.isGood('part-1', 'deep')]).toEqual([true, false])
  await cache.ensure('part-1', fill, 'deep')
  expect(filled).toBe(2)
})

test('filling that throws leaves nothing that looks finished, and the next try cleans up', async () => {
  const killed = async (staging: string): Promise<void> => {
    await fill(staging)
    throw new Error('killed')
  }
  await expect(cache.ensure('part-1', killed)).rejects.toThrow('killed')
  expect(await cache.isGood('part-1', 'quick')).toBe(false)
  await cache.ensure('part-1', fill)
  expect(readdirSync(cache.dir).sort()).toEqual(['archives', 'part-1'])
})

test('two that fill at once do it once', async () => {
  await Promise.all([cache.ensure('part-1', fill), cache.ensure('part-1', fill), cache.ensure('part-1', fill)])
  expect(filled).toBe(1)
})

test('sums are lines that read back as they were, and a damaged line is refused', () => {
  const sums = [{ sha256: 'ab'.repeat(32), bytes: 12, path: 'lib/a name.jar' }]
  expect(parseSums(formatSums(sums))).toEqual(sums)
  expect(() => parseSums('half a li')).toThrow('not a line of sums')
})
