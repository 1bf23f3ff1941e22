import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findCommand } from '../../stack/command-path.js'

const run = promisify(execFile)
const wanted = 'confluent-kafka[avro,schemaregistry]==2.11.1'
const scriptOf = (name: string) => fileURLToPath(new URL(`${name}.py`, import.meta.url))

/** A record as a stock consumer read it, or why it could not. */
export interface ConsumedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Of a topic with a subject of its own. */
  readonly value?: Readonly<Record<string, unknown>> | null
  /** Of any other topic. */
  readonly bytes?: number
  readonly error?: string
}

/** An offset of a consumer group. */
export interface GroupOffset {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Confluent's client for Python, installed once below `.tributary`; null = no Python here to run it, or none that can install. */
export async function stockClient(root: string) {
  const python = await findCommand('python3', process.env)
  if (python === null || !(await canInstall(python))) return null
  const folder = join(root, '.tributary', 'python', wanted.replace(/\W+/g, '-'))
  if (!existsSync(folder)) {
    mkdirSync(dirname(folder), { recursive: true })
    const staging = mkdtempSync(`${folder}-`)
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', staging, wanted], {
      timeout: 15 * 60_000,
    })
    renameSync(staging, folder)
  }
  const lines = async <Line>(script: string, args: readonly string[]): Promise<Line[]> => {
    const { stdout } = await run(python, [scriptOf(script), ...args], {
      env: { ...process.env, PYTHONPATH: folder, PYTHONWARNINGS: 'ignore' },
      maxBuffer: 1 << 28,
      timeout: 120_000,
    })
    return stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Line)
  }
  return {
    consume: (brokers: readonly string[], registry: string, topics: readonly string[]) =>
      lines<ConsumedRecord>('avro-consumer', [brokers.join(), registry, ...topics]),
    groupOffsets: (brokers: readonly string[], groups: readonly string[]) =>
      lines<GroupOffset>('group-offsets', [brokers.join(), ...groups]),
  }
}

const canInstall = (python: string) =>
  run(python, ['-m', 'pip', '--version']).then(
    () => true,
    () => false,
  )
