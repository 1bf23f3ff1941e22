import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'

/** The compiled program as a process of its own: signals, pipes and exit codes exist nowhere else. `npm test` compiles it. */
const main = 'dist/main.js'
const started: ChildProcess[] = []
const sockets = new Set<Socket>()
/** A broker that takes every connection and never answers. */
const silent = createServer(socket => void sockets.add(socket.on('error', () => undefined)))

beforeAll(async () => {
  if (!existsSync(main)) throw new Error(`${main} is missing: run \`./tributary --setup\``)
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  for (const socket of sockets) socket.destroy()
  silent.close()
})

function run(...args: string[]) {
  return runWith({}, ...args)
}

function runWith(more: Readonly<Record<string, string>>, ...args: string[]) {
  const { port } = silent.address() as AddressInfo
  const env = {
    ...process.env,
    KAFKA_BROKERS: `127.0.0.1:${port}`,
    SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9',
    TRIBUTARY_DATA_DIR: tmpdir(),
    PSEUDONYM_KEY: 'the key of these tests',
    ...more,
  }
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const ended = new Promise<{ code: number | null; stderr: string }>(resolve => child.once('close', code => resolve({ code, stderr })))
  return { child, ended }
}

const connected = () => new Promise<void>(resolve => silent.once('connection', () => resolve()))

test.each([['SIGINT'], ['SIGTERM']] as const)('%s ends a command that only reads, and says so', async signal => {
  const waiting = connected()
  const { child, ended } = run('topics', 'check')
  await waiting
  child.kill(signal)
  expect(await ended).toMatchObject({ code: 1, stderr: expect.stringContaining('INCOMPLETE') })
})

test('signals close to each other are one wish, a later one ends at once', async () => {
  const waiting = connected()
  // A backfill ends by itself when it can; here it waits for a broker that never answers.
  const { child, ended } = run('backfill', '--bucket', 'b', '--prefix', 'p')
  await waiting
  const began = performance.now()
  child.kill('SIGINT')
  const again = setInterval(() => child.kill('SIGINT'), 50)
  const { code } = await ended
  clearInterval(again)
  expect(code).toBe(130)
  expect(performance.now() - began).toBeGreaterThan(450)
})

test('a reader that leaves early is no error', async () => {
  const { child, ended } = run('config')
  child.stdout.destroy()
  expect(await ended).toEqual({ code: 0, stderr: '' })
})

test('the log of `run` is JSON, also a warning of Node.js and the error that ends it', async () => {
  // As soon as main.ts listens: what comes later, comes from what it has loaded.
  const script = `const timer = setInterval(() => {
    if (process.listenerCount('unhandledRejection') === 0) return
    clearInterval(timer)
    process.emitWarning('a shaky thing', 'ShakyWarning')
  }, 1)`
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}` }
  const waiting = connected()
  const { child, ended } = runWith(env, 'run', '--roles', 'route')
  await waiting
  child.kill('SIGTERM')
  const { code, stderr } = await ended
  const lines = stderr.trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ level: 40, name: 'node', printed: true, msg: 'ShakyWarning: a shaky thing' }),
      expect.objectContaining({ level: 50, name: 'run', code: 'INCOMPLETE' }),
    ]),
  )
  expect(code).toBe(1)
  const wrong = await runWith({ COMMIT_MS: 'soon' }, 'run').ended
  expect(JSON.parse(wrong.stderr)).toMatchObject({ level: 50, code: 'CONFIG_INVALID', msg: expect.stringContaining('COMMIT_MS') })
})
