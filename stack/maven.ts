import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TributaryError } from '../schemas/errors.js'
import { MavenProgress } from './maven-progress.js'
import type { Environment, StackEvents } from './services.js'
import { type FileSum, parseSums, wrongContent } from './sums.js'
import { unicode } from './unicode.js'

/** Files that Maven fetches by `stack/<pom>.pom.xml`, and what they must be by `stack/<pom>.sums`. */
export interface MavenFetch {
  readonly label: string
  readonly pom: string
}

export interface MavenContext {
  readonly root: string
  readonly env: Environment
  readonly javaHome: string
  readonly events: StackEvents
}

/**
 * Fills `target`. When what comes is wrong (a broken file in the person's own Maven repository stays there for ever),
 * it asks once more with an empty repository of its own: nothing that belongs to others is deleted.
 */
export async function fetchByMaven(fetch: MavenFetch, target: string, context: MavenContext): Promise<void> {
  const sums = parseSums(await readFile(join(context.root, 'stack', `${fetch.pom}.sums`), 'utf8'))
  const megabytes = toMegabytes(sums)
  context.events.step(`fetching ${fetch.label} (${megabytes} MB, once for all checkouts)`)
  const first = await attempt(fetch, target, sums, context, [])
  if (first === null) return
  context.events.step(`fetching ${fetch.label} again, past the local Maven repository (${first})`)
  const repository = await mkdtemp(`${target}.repository`)
  const second = await attempt(fetch, target, sums, context, [`-Dmaven.repo.local=${repository}`])
  await rm(repository, { recursive: true, force: true })
  if (second !== null) throw new TributaryError('INCOMPLETE', `fetching ${fetch.label} by Maven: ${second}`)
}

function toMegabytes(sums: readonly FileSum[]): number {
  return Math.ceil(sums.reduce((total, sum) => total + sum.bytes, 0) / 1_000_000)
}

/** Null when all files are there and right, else what is wrong. */
async function attempt(
  fetch: MavenFetch,
  target: string,
  sums: readonly FileSum[],
  context: MavenContext,
  extra: readonly string[],
): Promise<string | null> {
  await Promise.all((await readdir(target)).map(name => rm(join(target, name), { recursive: true })))
  const pom = join(context.root, 'stack', `${fetch.pom}.pom.xml`)
  const args = [
    '--strict-checksums',
    '-f',
    pom,
    '-Dstyle.color=never',
    `-DoutputDirectory=${target}`,
    ...extra,
    'dependency:copy-dependencies',
  ]
  const progress = new MavenProgress(new Map(sums.map(sum => [sum.path, sum.bytes])))
  const total = toMegabytes(sums)
  let shown = -1
  const problem = await runMaven(args, context, text => {
    progress.feed(text)
    const done = Math.floor(progress.bytes() / 1_000_000)
    if (done !== shown) context.events.progress?.(fetch.label, done, total)
    shown = done
  })
  if (problem !== null) return problem
  const wrong = await wrongContent(target, sums)
  if (wrong === null) context.events.progress?.(fetch.label, total, total)
  return wrong === null ? null : `${wrong} is missing or not what it must be`
}

/** Null when Maven ended well, else its own words. */
function runMaven(args: readonly string[], context: MavenContext, output: (text: string) => void): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const maven = spawn('mvn', args, {
      env: { ...context.env, ...unicode, JAVA_HOME: context.javaHome },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const errors: string[] = []
    maven.stdout.setEncoding('utf8').on('data', (text: string) => {
      output(text)
      errors.push(...text.split(/[\r\n]+/).filter(line => line.startsWith('[ERROR]')))
    })
    maven.stderr.resume()
    maven.on('error', cause =>
      reject(new TributaryError('MACHINE_LACKS', 'Maven (the command `mvn`), which fetches the servers', { cause })),
    )
    maven.on('close', code => resolve(code === 0 ? null : (errors[0]?.slice(8).trim() ?? `mvn ended with ${code}`)))
  })
}
