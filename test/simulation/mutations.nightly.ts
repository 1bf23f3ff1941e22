import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Mutant, mutants } from './mutants.js'

/**
 * Shows that the simulation sees what it is there for: each mistake is made in a copy of the tree, and a seed must break.
 * By hand or at night: `SIM_MUTATIONS=400 NODE_OPTIONS=--experimental-vm-modules npx jest test/simulation/mutations`, the number being the seeds for each; one by `-t name`.
 */
const seeds = process.env.SIM_MUTATIONS
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const notCopied = /^(\.git|node_modules|dist|\.tributary|bench)(\/|$)/
const table: string[] = []

test.each(mutants.map(mutant => [mutant.name, mutant] as const))(
  '%s: a seed breaks',
  async (name, { changes }) => {
    const tree = mkdtempSync(join(tmpdir(), 'tributary-mutant-'))
    try {
      cpSync(root, tree, { recursive: true, filter: path => !notCopied.test(relative(root, path)) })
      symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
      for (const change of changes) make(tree, change)
      const { code, said } = await simulateIn(tree)
      // Only a seed that breaks counts: a mutant that does not even start would be seen by anything.
      const found = /seed (\d+), step \d+: (?:Error: )?(.{0,110})/.exec(said) ?? /"seed": (\d+)/.exec(said)
      const by = code === 0 ? `${seeds} seeds are green` : found ? `seed ${found[1]}: ${found[2] ?? 'another outcome'}` : said.slice(-2000)
      table.push(`${name.padEnd(65)} ${by}`)
      expect({ seen: code !== 0 && found !== null, by }).toEqual({ seen: true, by })
    } finally {
      rmSync(tree, { recursive: true, force: true })
    }
  },
  600_000,
)

afterAll(() => {
  if (table.length > 0) console.log(table.join('\n'))
})

function make(tree: string, { file, from, to }: Mutant['changes'][number]): void {
  const text = readFileSync(join(tree, file), 'utf8')
  if (text.split(from).length !== 2) throw new Error(`${file} has changed: the mutant must be written anew`)
  writeFileSync(
    join(tree, file),
    text.replace(from, () => to),
  )
}

function simulateIn(tree: string): Promise<{ readonly code: number | null; readonly said: string }> {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js')
  const child = spawn(process.execPath, ['--experimental-vm-modules', jest, '--runInBand', 'test/simulation/simulation'], {
    cwd: tree,
    env: { ...process.env, SIM_SEEDS: seeds, SIM_MUTATIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return new Promise(resolve => child.on('close', code => resolve({ code, said })))
}
