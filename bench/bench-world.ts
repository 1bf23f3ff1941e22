import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../config.js'
import { addressesOf } from '../runtime/addresses.js'
import { packageRoot } from '../runtime/package-root.js'
import { openServices, type Services } from '../runtime/services.js'
import { prepareTopics } from '../runtime/topics-admin.js'
import { stackStatus, startStack, stopStack } from '../stack/stack.js'

export interface BenchOptions {
  readonly partitions: number
  /** The stack and its data stay for the next run. */
  readonly keep: boolean
  /** CPU profiles of the children in `.tributary/bench/prof-*`. */
  readonly profile: boolean
}

/** Servers, a bucket of statements and children that are Tributary's own processes. All real. */
export interface BenchWorld {
  readonly services: Services
  readonly bucket: string
  /** Names and pids of the servers. */
  readonly servers: Readonly<Record<string, number>>
  /** Puts the objects into the bucket. */
  fill(objects: Iterable<{ readonly key: string; readonly body: Buffer }>): Promise<{ lines: number; bytesEach: number }>
  role(name: string): ChildProcess
  /** A bench script as a process of its own. */
  script(name: string, args: readonly string[]): ChildProcess
  /** Ends a child as `run` would, and waits for it. */
  stop(child: ChildProcess): Promise<void>
  /** Runs a command to its end; throws what it printed when it fails. */
  command(name: string, args: readonly string[], started: (pid: number) => void): Promise<void>
  /** Prints a result and writes it to `bench/results/`. */
  report(bench: string, result: Readonly<Record<string, unknown>>): void
  close(): Promise<void>
}

export const say = (text: string) => process.stderr.write(`${text}\n`)

export async function benchWorld(options: BenchOptions): Promise<BenchWorld> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const root = packageRoot()
  const dataDir = join(root, '.tributary', 'bench')
  const main = join(root, 'dist', 'main.js')
  const stack = await startStack({ root, dataDir, env: process.env, profile: 'run', events: { step: say } })
  const { parts } = await stackStatus(dataDir)
  const id = Date.now()
  const bucket = `src-${id}`
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    TRIBUTARY_DATA_DIR: dataDir,
    TOPIC_PREFIX: `bench${id}.`,
    PARTITIONS: String(options.partitions),
    DATASETS_BUCKET: `ds-${id}`,
    PSEUDONYM_KEY: 'the key of all benchmarks',
    LOG_LEVEL: 'warn',
  }
  const config = readConfig(env)
  const services = openServices(config, addressesOf(config, stack), 'bench')
  const children: ChildProcess[] = []
  const node = (name: string, args: readonly string[]) => [
    ...(options.profile ? ['--cpu-prof', `--cpu-prof-dir=${dataDir}/prof-${name}`] : []),
    main,
    ...args,
  ]
  const started = (args: readonly string[]) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    children.push(child)
    return child
  }
  const stop = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
    child.kill('SIGTERM')
    await ended
  }
  await services.store.ensureBucket(bucket)
  await prepareTopics(services)

  return {
    services,
    bucket,
    servers: Object.fromEntries(parts.flatMap(part => (part.pid === null ? [] : [[part.name, part.pid]]))),
    async fill(objects) {
      let lines = 0
      let bytes = 0
      for (const { key, body } of objects) {
        await services.store.put(bucket, key, body, 'application/x-ndjson')
        bytes += body.length
        lines += countLines(body)
      }
      say(`${lines} statements, ${(bytes / 1e6).toFixed(0)} MB`)
      return { lines, bytesEach: Math.round(bytes / lines) }
    },
    role: name => started(node(name, ['run', '--role', name])),
    script: (name, args) => started([join(root, 'dist', 'bench', `${name}.js`), ...args]),
    stop,
    async command(name, args, started) {
      const child = spawn(process.execPath, node(name, args), { env, stdio: ['ignore', 'pipe', 'inherit'] })
      started(child.pid!)
      let out = ''
      child.stdout.on('data', chunk => {
        out += chunk
      })
      const code = await new Promise<number | null>(resolve => child.on('close', resolve))
      if (code !== 0) throw new Error(`${name} ended with ${code}: ${out}`)
    },
    report(bench, result) {
      const at = new Date().toISOString()
      const versions = Object.fromEntries(parts.map(part => [part.name, part.version]))
      const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version }
      const text = `${JSON.stringify({ bench, at, ...result, versions, machine }, null, 2)}\n`
      process.stdout.write(text)
      const folder = join(root, 'bench', 'results')
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, `${bench}-${at.slice(0, 16).replace(':', '')}.json`), text)
    },
    async close() {
      await Promise.all(children.map(stop))
      await services.close()
      if (options.keep) return
      await stopStack(dataDir)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function countLines(body: Buffer): number {
  let lines = body.length > 0 && body.at(-1) !== 10 ? 1 : 0
  for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) lines++
  return lines
}
