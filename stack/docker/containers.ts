import { setTimeout as pause } from 'node:timers/promises'
import type { WaitStrategy } from 'testcontainers'
import { TributaryError } from '../../schemas/errors.js'
import { telling } from '../launch.js'
import type { StackEvents } from '../services.js'
import type { ContainerSpec } from './composed-server.js'

/** Kafka ends its log in good order within it, so that its next start need not read it again. */
const politeSeconds = 30

/** testcontainers is loaded here and nowhere else: a development package, which who starts no container never needs. */
async function connected() {
  const library = await import('testcontainers').catch((cause: Error) => {
    throw new TributaryError('MACHINE_LACKS', `the package testcontainers (\`npm ci\` in a checkout installs it): ${cause.message}`, {
      cause,
    })
  })
  const client = await library.getContainerRuntimeClient().catch((cause: Error) => {
    throw new TributaryError(
      'MACHINE_LACKS',
      'a Docker engine that answers (DOCKER_HOST says where it is, if not where engines usually are)',
      {
        cause,
      },
    )
  })
  return { ...library, client, docker: client.container.dockerode }
}

/** Fetches those of the images that the engine does not have. */
export async function pullImages(images: readonly string[], events: StackEvents): Promise<void> {
  const { client, ImageName } = await connected()
  for (const image of images) {
    const name = ImageName.fromString(image)
    if (await client.image.exists(name)) continue
    events.step(`pulling ${image}`)
    await client.image.pull(name).catch((cause: Error) => {
      throw new TributaryError('MACHINE_LACKS', `the image ${image}: ${cause.message}`, { cause })
    })
  }
}

/**
 * Resolves when `serves` does; a container that ends or takes too long is removed, and its last words are in the error. It outlives this
 * process: who has started it removes it.
 */
export async function startContainer(spec: ContainerSpec, o: { serves(): Promise<boolean>; patienceMs: number }): Promise<void> {
  const { GenericContainer } = await connected()
  class LocalContainer extends GenericContainer {
    /** What the library has no words for: it publishes on all addresses of a machine, and leaves a container that ends as it is. */
    protected override async beforeContainerCreated(): Promise<void> {
      const bindings: Record<string, { HostIp?: string }[]> = this.hostConfig.PortBindings ?? {}
      for (const binding of Object.values(bindings).flat()) binding.HostIp = '127.0.0.1'
      this.hostConfig.RestartPolicy = { Name: 'unless-stopped' }
    }
  }
  const container = new LocalContainer(spec.image)
    .withName(spec.name)
    .withHostname(spec.hostname)
    .withLabels({ ...spec.labels })
    .withEnvironment({ ...spec.environment })
    .withExposedPorts({ container: spec.port.inside, host: spec.port.here })
    .withBindMounts([{ source: spec.volume.name, target: spec.volume.target }])
    .withTmpFs(Object.fromEntries(spec.tmpfs.map(path => [path, ''])))
    // Its helper removes containers when this process has ended.
    .withAutoCleanup(false)
    .withWaitStrategy(untilServing(o))
  if (spec.command !== null) container.withCommand([...spec.command])
  if (spec.user !== null) container.withUser(spec.user)
  await container.start()
}

/** The library's own would ask for a port at an address that it finds out by itself: in a container, of the engine's network. */
function untilServing({ serves, patienceMs }: { serves(): Promise<boolean>; patienceMs: number }): WaitStrategy {
  const strategy: WaitStrategy = {
    async waitUntilReady(container) {
      const deadline = performance.now() + patienceMs
      while (!(await serves())) {
        const { State, RestartCount } = await container.inspect()
        const ended = !State.Running || RestartCount > 0
        if (ended || performance.now() > deadline) {
          const what = ended ? `it ended with exit code ${State.ExitCode}` : `no answer within ${patienceMs / 1000} s`
          const said = await container.logs({ stdout: true, stderr: true, tail: 200 })
          throw new Error(`${what}; it said:\n${telling(withoutFrames(said), 20)}`)
        }
        await pause(100)
      }
    },
    withStartupTimeout: () => strategy,
    isStartupTimeoutSet: () => true,
    getStartupTimeout: () => patienceMs,
  }
  return strategy
}

/** The engine sends both streams in one, each piece with eight bytes in front: which one, and its length. */
function withoutFrames(log: Buffer): string {
  const pieces: Buffer[] = []
  for (let at = 0; at + 8 <= log.length; ) {
    const end = at + 8 + log.readUInt32BE(at + 4)
    pieces.push(log.subarray(at + 8, end))
    at = end
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Stops them first. Their data, in volumes with names, stays. Those that are not there are removed already. */
export async function removeContainers(names: readonly string[]): Promise<void> {
  const { docker } = await connected()
  await Promise.all(
    names.map(async name => {
      const container = docker.getContainer(name)
      await unlessGone(container.stop({ t: politeSeconds }))
      await unlessGone(container.remove({ force: true, v: true }))
    }),
  )
}

export async function removeVolumes(names: readonly string[]): Promise<void> {
  const { docker } = await connected()
  for (const name of names) await unlessGone(docker.getVolume(name).remove())
}

/** 304: it was stopped before; 404: there is none; 409: it is being removed. */
async function unlessGone(done: Promise<unknown>): Promise<void> {
  await done.catch((error: Error & { statusCode?: number }) => {
    if (![304, 404, 409].includes(error.statusCode ?? 0)) throw error
  })
}
