import { spawn, spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { choosePorts, isFree } from '../../stack/ports.js'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  /** Both streams, for a failure. */
  readonly all: string
}

/** Runs a program to its end; what it prints is kept. */
export function runProgram(file: string, args: readonly string[], env: NodeJS.ProcessEnv, input?: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], { env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] })
    let [stdout, all] = ['', '']
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      all += text
    })
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (all += text))
    child.on('error', reject)
    child.on('close', code => resolve({ code, stdout, all }))
    // It may end before it has read all: its exit code says why.
    child.stdin?.on('error', () => {}).end(input)
  })
}

/** docker-compose.yml under a name and on ports of its own. */
export interface Composed {
  readonly s3: { readonly endpoint: string; readonly region: string; readonly accessKeyId: string; readonly secretAccessKey: string }
  /** `docker compose …`; throws with all that was printed when it fails. */
  compose(args: readonly string[], input?: string): Promise<string>
  /** `docker …`, likewise. */
  docker(...args: readonly string[]): Promise<string>
  /** Ids of the containers of a service. */
  containers(service: string): Promise<readonly string[]>
  /** Until nothing is in the way any more; at the deadline it fails with what is, and with the state of all containers. */
  until(seconds: number, ask: () => Promise<string | null>): Promise<void>
  /** Until every container that should stay is healthy. */
  healthy(services: readonly string[], count: number): Promise<void>
}

export async function composed(name: string): Promise<Composed> {
  const ports = await choosePorts(['kafka', 'registry', 's3', 'ui'], {
    remembered: {},
    taken: new Set(),
    seed: `${tmpdir()}/${name}`,
    isFree,
  })
  const env = {
    ...process.env,
    KAFKA_PORT: String(ports.kafka),
    REGISTRY_PORT: String(ports.registry),
    S3_PORT: String(ports.s3),
    KAFKA_UI_PORT: String(ports.ui),
    PARTITIONS: '2',
    PSEUDONYM_KEY: 'a key of the test of the containers',
  }
  // As a plug-in of Docker, or as Debian has it.
  const plugged = spawnSync('docker', ['compose', 'version'], { env }).status === 0
  const [file, ...first] = plugged ? ['docker', 'compose'] : ['docker-compose']
  async function must(command: string, args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, all } = await runProgram(command, args, env, input)
    if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}\n${all.slice(-6000)}`)
    return stdout
  }
  const docker = (...args: readonly string[]) => must('docker', args)
  const containers = async (service: string) => {
    const labels = [
      `label=com.docker.compose.project=${name}`,
      `label=com.docker.compose.service=${service}`,
      'label=com.docker.compose.oneoff=False',
    ]
    return (await docker('ps', '-aq', '--no-trunc', ...labels.flatMap(label => ['--filter', label]))).split('\n').filter(Boolean)
  }
  /** Of every container: what it is doing, its last health checks, its last lines. */
  async function state(): Promise<string> {
    const ids = (await docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${name}`)).split('\n').filter(Boolean)
    const asked = ids.flatMap(id => [
      ['inspect', '-f', '{{.Name}} {{json .State}}', id],
      ['logs', '--tail', '20', id],
    ])
    return (await Promise.all(asked.map(args => runProgram('docker', args, env)))).map(({ all }) => all).join('\n--\n')
  }
  async function until(seconds: number, ask: () => Promise<string | null>): Promise<void> {
    const deadline = Date.now() + seconds * 1000
    for (let wrong = await ask(); wrong !== null; wrong = await ask()) {
      if (Date.now() > deadline) throw new Error(`after ${seconds} s:\n${wrong}\n${await state()}`)
      await new Promise(resolve => setTimeout(resolve, 500))
    }
  }
  return {
    s3: {
      endpoint: `http://127.0.0.1:${ports.s3}`,
      region: 'us-east-1',
      accessKeyId: 'tributary',
      secretAccessKey: 'for-this-machine-only',
    },
    async compose(args, input) {
      try {
        return await must(file!, [...first, '-p', name, ...args], input)
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${await state()}`)
      }
    },
    docker,
    containers,
    until,
    healthy: (services, count) =>
      until(300, async () => {
        const ids = (await Promise.all(services.map(containers))).flat()
        const states = await Promise.all(ids.map(id => docker('inspect', '-f', '{{.Name}} {{.State.Status}} {{.State.Health.Status}}', id)))
        return ids.length === count && states.every(state => state.trim().endsWith(' running healthy')) ? null : states.join('')
      }),
  }
}
