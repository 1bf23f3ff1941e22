import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const dist = join(process.cwd(), 'dist')
const objects = 150_000

test('a plan of very many objects is made and read in little memory', async () => {
  if (!existsSync(dist)) throw new Error(`${dist} is missing: run \`./tributary --setup\``)
  const folder = mkdtempSync(join(tmpdir(), 'tributary-plan-'))
  try {
    // As a list in memory it took 1.1 KB for each: more than twice this heap.
    const heap = '--max-old-space-size=64'
    const child = join(process.cwd(), 'test/runtime/backfill/plan-of-many.mjs')
    const { stdout } = await promisify(execFile)(process.execPath, [heap, child, dist, String(objects), folder])
    const done = objects / 3
    expect(JSON.parse(stdout)).toMatchObject({
      objects: objects - done,
      skipped: done,
      read: objects - done,
      inOrder: true,
      sections: 5000,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
