import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutants } from './mutants.js'
import { mutate } from './mutate.js'

/**
 * Shows that the tests see what they are there for: each mistake is made in a copy of the tree, and a test of the normal run must go red.
 * `npm run test:mutations`, or only those whose names match: `npm run test:mutations -- claim`.
 */
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const notCopied = /^(\.git|node_modules|dist|\.tributary|bench)(\/|$)/
/** A third of what every run has: the same seeds, the first ones. */
const seeds = '700'
const simulation = 'test/simulation/seeds-odd.test.ts'
const table: string[] = []

interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly Assertion[]; readonly message: string }[]
}
interface Assertion {
  readonly status: string
  readonly fullName: string
  readonly failureMessages: readonly string[]
}

test.each(mutants.map(mutant => [mutant.name, mutant] as const))(
  '%s: a test goes red',
  async (name, mutant) => {
    const tree = mkdtempSync(join(tmpdir(), 'tributary-mutant-'))
    try {
      cpSync(root, tree, { recursive: true, filter: path => !notCopied.test(relative(root, path)) })
      symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
      mutate(tree, mutant)
      const seen = seenIn(await runIn(tree, mutant.seenBy ?? simulation))
      table.push(`${name.padEnd(78)} ${seen ?? 'NOBODY'}`)
      expect(seen).not.toBeNull()
    } finally {
      rmSync(tree, { recursive: true, force: true })
    }
  },
  600_000,
)

afterAll(() => {
  if (table.length > 0) console.log(table.join('\n'))
})

async function runIn(tree: string, file: string): Promise<Report> {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js')
  const report = join(tree, 'report.json')
  const args = ['--experimental-vm-modules', '--no-warnings', jest, '--runInBand', '--bail', '--json', `--outputFile=${report}`]
  const child = spawn(process.execPath, [...args, '--runTestsByPath', file], {
    cwd: tree,
    env: { ...process.env, SIM_SEEDS: seeds, MUTATIONS: '' },
    stdio: 'ignore',
  })
  await new Promise(resolve => child.on('close', resolve))
  return JSON.parse(readFileSync(report, 'utf8')) as Report
}

/** Only a test that looked and found something counts: a mutant that does not even run would be seen by anything. */
function seenIn({ testResults }: Report): string | null {
  for (const { fullName, failureMessages } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
    const [message] = failureMessages
    if (message === undefined) continue
    if (/(Syntax|Reference|Type)Error/.test(message)) throw new Error(`it does not run: ${message}`)
    const invariant = /(seed \d+), step \d+: (?:Error: )?([^\n]{0,140})/.exec(message)
    const outcome = /"seed": (\d+)/.exec(message)
    return invariant ? `${invariant[1]}: ${invariant[2]}` : outcome ? `seed ${outcome[1]}: another outcome` : fullName
  }
  return null
}
