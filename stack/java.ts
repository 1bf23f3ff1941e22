import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, readdir, readFile, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { TributaryError } from '../schemas/errors.js'
import type { Environment } from './services.js'

export interface Java {
  readonly home: string
  readonly version: string
  readonly major: number
}

/** The registry is compiled for Java 21; one Java serves all parts. */
export const neededJava = 21

/** `25.0.3` → 25, `1.8.0_402` → 8, `21-ea` → 21; null when it is no version. */
export function javaMajor(version: string): number | null {
  const match = /^(?:1\.)?(\d+)/.exec(version)
  return match === null ? null : Number(match[1])
}

/** The version in the `release` file of a Java folder, or in what `java -version` prints. */
export function javaVersion(text: string): string | null {
  return /(?:^JAVA_VERSION=|\bversion )"([^"]+)"/m.exec(text)?.[1] ?? null
}

/** A Java that is new enough: the one named by TRIBUTARY_JAVA_HOME or nothing; else JAVA_HOME, PATH, the newest of the usual folders. Null: none. */
export async function findJava(env: Environment): Promise<Java | null> {
  if (env.TRIBUTARY_JAVA_HOME) return named(env.TRIBUTARY_JAVA_HOME)
  for (const home of [...(env.JAVA_HOME ? [env.JAVA_HOME] : []), ...(await homesOnPath(env))]) {
    const java = await inspectJava(home)
    if (java !== null && java.major >= neededJava) return java
  }
  const installed = await Promise.all((await usualHomes(env)).map(inspectJava))
  return installed.reduce<Java | null>((best, java) => (java !== null && java.major >= (best?.major ?? neededJava) ? java : best), null)
}

async function named(home: string): Promise<Java> {
  const java = await inspectJava(home)
  if (java !== null && java.major >= neededJava) return java
  throw new TributaryError(
    'MACHINE_LACKS',
    `Java ${neededJava} or newer: the folder named by TRIBUTARY_JAVA_HOME, ${home}, holds ${java === null ? 'no Java' : `Java ${java.version}`}`,
  )
}

/** A folder with `lib/modules` is a real Java; the `/usr/bin/java` of macOS, a stub that only asks to install one, has none. */
export async function inspectJava(home: string): Promise<Java | null> {
  try {
    await access(join(home, 'lib', 'modules'))
    await access(join(home, 'bin', 'java'), constants.X_OK)
    const version = javaVersion(await readFile(join(home, 'release'), 'utf8').catch(() => '')) ?? (await askVersion(home))
    const major = version === null ? null : javaMajor(version)
    return version === null || major === null ? null : { home, version, major }
  } catch {
    return null
  }
}

async function askVersion(home: string): Promise<string | null> {
  const { stderr } = await promisify(execFile)(join(home, 'bin', 'java'), ['-version'], { timeout: 10_000 })
  return javaVersion(stderr)
}

async function homesOnPath(env: Environment): Promise<string[]> {
  const folders = (env.PATH ?? '').split(delimiter).filter(folder => folder !== '')
  const commands = await Promise.all(folders.map(folder => realpath(join(folder, 'java')).catch(() => null)))
  return commands.filter(command => command !== null).map(command => dirname(dirname(command)))
}

/** Where Linux distributions, macOS, Homebrew and SDKMAN put them. */
async function usualHomes(env: Environment): Promise<string[]> {
  const user = env.HOME ?? homedir()
  const [linux, mac, userMac, sdkman, jbang, brewArm, brewIntel, opt] = await Promise.all(
    [
      '/usr/lib/jvm',
      '/Library/Java/JavaVirtualMachines',
      `${user}/Library/Java/JavaVirtualMachines`,
      `${user}/.sdkman/candidates/java`,
      `${user}/.jdks`,
      '/opt/homebrew/opt',
      '/usr/local/opt',
      '/opt',
    ].map(inside),
  )
  const inBundle = [...mac!, ...userMac!].map(folder => join(folder, 'Contents', 'Home'))
  const brewed = [...brewArm!, ...brewIntel!]
    .filter(folder => /\/openjdk(@\d+)?$/.test(folder))
    .map(folder => join(folder, 'libexec', 'openjdk.jdk', 'Contents', 'Home'))
  return [...linux!, ...inBundle, ...sdkman!, ...jbang!, ...brewed, ...opt!.filter(folder => /jdk|jre|java/i.test(folder))]
}

async function inside(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.map(name => join(folder, name))
}
