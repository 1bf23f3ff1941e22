import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeOutput } from '../../commands/terminal/output.js'
import { runDemo } from '../../demo/demo.js'
import { lockFolder } from '../../runtime/state/folder-lock.js'
import { capture } from '../commands/capture.js'

/** Two demos wrote the same `variables.sh`, logs and downloads: a shell with the variables of one looked into the world of the other. */
test('a second demo in one checkout is refused before it touches anything', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'one-demo-'))
  try {
    const folder = join(dataDir, 'demo')
    mkdirSync(join(folder, 'logs'), { recursive: true })
    for (const name of ['variables.sh', 'logs/main.log']) writeFileSync(join(folder, name), 'of the first')
    const unlock = lockFolder(folder)
    const out = makeOutput({ stdout: capture(), stderr: capture() }, false)
    const given = { root: '/', entry: '/none', dataDir, once: true, env: {}, signal: AbortSignal.abort(), out }
    await expect(runDemo(given)).rejects.toMatchObject({ code: 'DEMO_RUNNING', message: expect.stringContaining('Ctrl-C') })
    for (const name of ['variables.sh', 'logs/main.log']) expect(readFileSync(join(folder, name), 'utf8')).toBe('of the first')
    unlock?.()
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})
