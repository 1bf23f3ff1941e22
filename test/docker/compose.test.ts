import { systemClock } from '../../runtime/clock.js'
import { s3Store } from '../../runtime/s3/s3-store.js'
import { serviceOf } from '../driver/compose-file.js'
import { jsonl, torusKey } from '../driver/objects.js'
import { statements } from '../driver/statements.js'
import { type Composed, composed, runProgram } from './composed.js'

/** As a person would: docker-compose.yml on a real engine. Needs its images, which `npm run test:docker` looks for first. */
const name = `tributary-test-${process.pid}`
const servers = ['kafka', 'registry', 's3']
const all = [...servers, 'topics', 'tributary']
const { image } = serviceOf('tributary')
const limitMs = 900_000
let world: Composed
let volumesBefore: string

const volumes = async () => (await world.docker('volume', 'ls', '-q')).split('\n').sort().join('\n')
const tributary = (args: readonly string[], input?: string) => world.compose(['run', '--rm', '-T', 'tributary', ...args], input)
const verified = async () => expect(JSON.parse(await tributary(['verify', '--deep', '--json']))).toMatchObject({ ok: true, problems: [] })

beforeAll(async () => {
  world = await composed(name)
  volumesBefore = await volumes()
})

afterAll(async () => {
  await world.compose(['down', '--volumes', '--remove-orphans'])
}, limitMs)

test(
  'the image is built from nothing, and by `up --build` again and again, in each way that this engine has',
  async () => {
    // Started, too: Compose 1 waits for what a service depends on even when it is to start nothing.
    const upBuild = () => world.compose(['up', '-d', '--build', '--scale', 'tributary=2', ...all])
    // A recent Compose builds all services at once, by Bake; before there was one builder, every fourth time failed (`already exists`).
    const bake = () => world.docker('buildx', 'bake', '-f', 'docker-compose.yml', '--load')
    const plugged = (await runProgram('docker', ['buildx', 'version'], process.env)).code === 0
    await world.compose(['config', '-q'])
    await world.compose(['build', '--no-cache'])
    for (const build of plugged ? [upBuild, bake] : [upBuild])
      for (let i = 0; i < 3; i++) {
        // Its layers stay; its name is what two builders would both make. While a container has it, a nameless image would be left.
        await world.compose(['down', '--volumes'])
        await world.docker('rmi', '--force', '--no-prune', image)
        await build()
        expect(await world.docker('image', 'inspect', '-f', '{{.Os}}', image)).toBe('linux\n')
      }
  },
  limitMs,
)

test(
  'topics that are killed at their work are made by the next `up`; everything becomes healthy, with two instances',
  async () => {
    await world.compose(['down', '--volumes'])
    await world.compose(['up', '-d', '--no-build', ...servers])
    await world.healthy(servers, 3)
    const [kafka] = (await world.containers('kafka')) as [string]
    // Kafka does not answer, so they are killed before they have done anything.
    await world.docker('pause', kafka)
    await world.compose(['up', '-d', '--no-build', '--no-deps', 'topics'])
    const [topics] = (await world.containers('topics')) as [string]
    await world.docker('kill', topics)
    await world.docker('wait', topics)
    expect((await world.docker('inspect', '-f', '{{.State.ExitCode}}', topics)).trim()).toBe('137')
    await world.docker('unpause', kafka)
    // A check of a paused container fails at once, and Compose starts nothing that depends on it.
    await world.healthy(servers, 3)
    await world.compose(['up', '-d', '--build', '--scale', 'tributary=2', ...all])
    await world.healthy([...servers, 'tributary'], 5)
    expect(await tributary(['status'])).toContain('xapi')
  },
  limitMs,
)

test(
  'history becomes a dataset, and every promise holds',
  async () => {
    const store = s3Store(world.s3, systemClock)
    await store.ensureBucket('uploads')
    for (let i = 0; i < 4; i++) {
      const body = jsonl(statements(i * 50, i * 50 + 50))
      await store.put('uploads', torusKey(1, 'video', i), body, 'application/x-ndjson')
    }
    store.close()
    const spec = JSON.stringify({ id: 'views', kind: 'page_viewed' })
    await tributary(['dataset', 'apply', '-'], spec)
    const sum = JSON.parse(await tributary(['backfill', '--bucket', 'uploads', '--section', '1', '--wait', '--json']))
    expect(sum).toMatchObject({ objects: 4, lines: 200 })
    expect(JSON.parse(await tributary(['dataset', 'wait', 'views', '--timeout', '120', '--json']))).toMatchObject({
      dataset: 'views',
    })
    await verified()
  },
  limitMs,
)

test(
  'a killed instance comes back by itself, one that `docker kill` ends by `up`',
  async () => {
    const [killed, ended] = (await world.containers('tributary')) as [string, string]
    // The program below the container's first process, as an out-of-memory killer ends it.
    await world.docker('exec', killed, 'sh', '-c', 'kill -9 $(cat /proc/1/task/1/children)')
    await world.docker('kill', ended)
    expect((await world.docker('inspect', '-f', '{{.State.Running}}', ended)).trim()).toBe('false')
    await world.compose(['up', '-d', '--no-build', '--scale', 'tributary=2', ...all])
    await world.healthy(['tributary'], 2)
    await verified()
  },
  limitMs,
)

test(
  'what is left without a parent in a container is reaped',
  async () => {
    const [id] = (await world.containers('tributary')) as [string]
    await world.docker('exec', id, 'sh', '-c', '(sleep 0.1 &)')
    // It is a process of the container until its parent, which is process 1 by then, asks what became of it.
    await world.until(30, async () => {
      const names = await world.docker('exec', id, 'sh', '-c', 'cat /proc/[0-9]*/stat || true')
      return names.includes(' (sleep) ') ? names : null
    })
  },
  limitMs,
)

test(
  'a stop is clean and soon',
  async () => {
    const ids = await world.containers('tributary')
    const began = Date.now()
    await world.compose(['stop', 'tributary'])
    // Sooner than Docker would kill it.
    expect(Date.now() - began).toBeLessThan(30_000)
    for (const id of ids) expect((await world.docker('inspect', '-f', '{{.State.ExitCode}}', id)).trim()).toBe('0')
  },
  limitMs,
)

test(
  'data survives `down`, state need not; after `down --volumes` nothing is left',
  async () => {
    await world.compose(['down'])
    await world.compose(['up', '-d', '--no-build', ...all])
    await world.healthy([...servers, 'tributary'], 4)
    await verified()
    await world.compose(['down', '--volumes'])
    expect(await volumes()).toBe(volumesBefore)
  },
  limitMs,
)
