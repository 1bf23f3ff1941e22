import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheDir, openCache } from '../../stack/cache.js'
import { ensureJava } from '../../stack/jre.js'
import { kafka } from '../../stack/kafka.js'
import { askKafka } from '../../stack/kafka-ask.js'
import { choosePorts, isFree } from '../../stack/ports.js'
import { type FaultProxy, startProxy } from './proxy.js'

/** A broker for one test file, on the files that the stack has fetched. It may be killed and started again. */
export interface OwnBroker {
  /** For the test's own clients: never disturbed. */
  readonly direct: string
  /** Through the proxy: who comes in there is led to the proxy by all metadata. */
  readonly proxied: string
  readonly proxy: FaultProxy
  /** `kill -9`. */
  kill(): Promise<void>
  /** Resolves when it serves. */
  start(): Promise<void>
  /** For good, with its data. */
  close(): Promise<void>
}

const startLimitMs = 60_000
const ignored = { step: () => undefined }

export async function ownBroker(): Promise<OwnBroker> {
  const dir = mkdtempSync(join(tmpdir(), 'tributary-broker-'))
  const cache = await openCache(cacheDir(process.env), ignored)
  const java = await ensureJava(cache, process.env, ignored)
  const ports = await choosePorts(['client', 'controller', 'behind'], { remembered: {}, taken: new Set(), seed: dir, isFree })
  const folder = kafka.download!.folder
  const proxy = await startProxy(ports.behind!, 'kafka')
  const launch = {
    java: join(java.home, 'bin', 'java'),
    files: await cache.files(folder),
    home: cache.path(folder),
    dir,
    // Written by the start of the stack; one of its own would be written at a stop that never comes.
    archive: cache.path(join('archives', `${kafka.kind}-${kafka.version}-java-${java.version}.jsa`)),
    temporary: dir,
    ports,
    credentials: { accessKeyId: '', secretAccessKey: '' },
    profile: 'test',
  } as const
  await kafka.prepare!(launch)
  twoDoors(join(dir, 'server.properties'), ports.behind!, proxy.port)

  const log = join(dir, 'broker.log')
  let child: ChildProcess | null = null
  const kill = async () => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise(resolve => child!.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  const start = async () => {
    const { file, args } = await kafka.command(launch)
    const output = openSync(log, 'a')
    child = spawn(file, args, { cwd: dir, stdio: ['ignore', output, output] })
    closeSync(output)
    const deadline = Date.now() + startLimitMs
    while (((await askKafka(ports.client!, 1000))?.brokers ?? 0) === 0) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`the broker does not serve:\n${readFileSync(log, 'utf8').slice(-3000)}`)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
  await start()
  return {
    direct: `127.0.0.1:${ports.client}`,
    proxied: `127.0.0.1:${proxy.port}`,
    proxy,
    kill,
    start,
    async close() {
      await kill()
      await proxy.close()
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** A second listener that names the proxy as its address: clients go where metadata sends them, so nothing has to be rewritten on the way. */
function twoDoors(file: string, behind: number, proxy: number): void {
  const lines = readFileSync(file, 'utf8').split('\n')
  const more: Readonly<Record<string, string>> = {
    listeners: `PROXIED://127.0.0.1:${behind}`,
    'advertised.listeners': `PROXIED://127.0.0.1:${proxy}`,
    'listener.security.protocol.map': 'PROXIED:PLAINTEXT',
  }
  const added = lines.map(line => {
    const also = more[line.slice(0, line.indexOf('='))]
    return also === undefined ? line : `${line},${also}`
  })
  writeFileSync(file, added.join('\n'))
}
