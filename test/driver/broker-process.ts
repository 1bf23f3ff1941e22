import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheDir, openCache } from '../../stack/cache.js'
import { ensureJava } from '../../stack/jre.js'
import { kafka } from '../../stack/kafka.js'
import { askKafka } from '../../stack/kafka-ask.js'
import type { Launch } from '../../stack/part.js'
import { slowdown } from './slow-machine.js'

/** One JVM of Kafka on files that the stack has fetched. It may be killed and started again. */
export interface BrokerProcess {
  /** `kill -9`. */
  kill(): Promise<void>
  /** Resolves when it serves. */
  start(): Promise<void>
  /** It sleeps, and does not know of it (SIGSTOP). */
  pause(): void
  resume(): void
}

const startLimitMs = 60_000
const ignored = { step: () => undefined }

/** What a start needs, apart from the ports. The caller removes the folder. */
export async function brokerLaunch(name: string): Promise<Omit<Launch, 'ports'>> {
  const cache = await openCache(cacheDir(process.env), ignored)
  const java = await ensureJava(cache, process.env, ignored)
  const folder = kafka.download!.folder
  const dir = mkdtempSync(join(tmpdir(), `tributary-${name}-`))
  return {
    java: join(java.home, 'bin', 'java'),
    files: await cache.files(folder),
    home: cache.path(folder),
    dir,
    // Written by the start of the stack; one of its own would be written at a stop that never comes.
    archive: cache.path(join('archives', `${kafka.kind}-${kafka.version}-java-${java.version}.jsa`)),
    temporary: dir,
    credentials: { accessKeyId: '', secretAccessKey: '' },
    profile: 'test',
  }
}

/** In a folder that is prepared and formatted. */
export function brokerProcess(launch: Launch): BrokerProcess {
  const log = join(launch.dir, 'broker.log')
  let child: ChildProcess | null = null
  return {
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise(resolve => child!.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async start() {
      const { file, args } = await kafka.command(launch)
      const output = openSync(log, 'a')
      child = spawn(file, args, { cwd: launch.dir, stdio: ['ignore', output, output] })
      closeSync(output)
      const began = Date.now()
      while (((await askKafka(launch.ports.client!, 1000))?.brokers ?? 0) === 0) {
        if (child.exitCode !== null || Date.now() - began > startLimitMs * slowdown())
          throw new Error(`the broker does not serve:\n${readFileSync(log, 'utf8').slice(-3000)}`)
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    },
  }
}

/** For good: with its data. */
export const removeBroker = ({ dir }: Pick<Launch, 'dir'>): void => rmSync(dir, { recursive: true, force: true, maxRetries: 5 })

/** Rewrites the values of a `server.properties`; what `change` leaves undefined stays. */
export function changeSettings(file: string, change: (name: string, value: string) => string | undefined): void {
  const lines = readFileSync(file, 'utf8').split('\n')
  const changed = lines.map(line => {
    const at = line.indexOf('=')
    const name = line.slice(0, at)
    const value = at < 0 ? undefined : change(name, line.slice(at + 1))
    return value === undefined ? line : `${name}=${value}`
  })
  writeFileSync(file, changed.join('\n'))
}
