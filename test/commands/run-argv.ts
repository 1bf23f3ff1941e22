import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommandLine } from '../../commands/run-command-line.js'
import { capture } from './capture.js'

/** Where the commands of a test file think they are; its data folder too. */
export const folder = mkdtempSync(join(tmpdir(), 'command-line-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A command line in this process, without a stack. */
export async function run(argv: readonly string[], env: Record<string, string> = {}) {
  const [stdout, stderr] = [capture(), capture()]
  const code = await runCommandLine({
    argv,
    env: { TRIBUTARY_DATA_DIR: folder, ...env },
    cwd: folder,
    root: process.cwd(),
    entry: '',
    stdout,
    stderr,
    signal: new AbortController().signal,
  })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}
