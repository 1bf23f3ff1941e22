import { TributaryError } from '../../schemas/errors.js'
import { serves, serving } from '../parts.js'
import { choosePorts, isFree } from '../ports.js'
import { type PartName, type Services, type StackOptions, unreachable } from '../services.js'
import { newState, type PartState, readState, servicesOf, withPart, writeState } from '../state.js'
import { type ContainerSpec, composedServer } from './composed-server.js'
import { pullImages, removeContainers, removeVolumes, startContainer } from './containers.js'

const patienceMs = 300_000
/** The program in each container, and its port for clients, as the processes of a stack name them. */
const programs: Readonly<Record<PartName, { kind: string; port: string }>> = {
  kafka: { kind: 'kafka', port: 'client' },
  registry: { kind: 'apicurio', port: 'http' },
  s3: { kind: 'versitygw', port: 'http' },
}

interface Start {
  readonly name: PartName
  readonly spec: ContainerSpec
  readonly part: PartState
}

/** As docker-compose.yml has them; one start, made while holding the lock of the data folder. What serves stays. */
export async function startContainers(o: StackOptions, wanted: readonly PartName[]): Promise<Services> {
  let state = readState(o.dataDir) ?? newState()
  const record = (name: PartName, part: PartState) => {
    state = withPart(state, name, part)
    writeState(o.dataDir, state)
  }
  // 1 what serves stays  2 images  3 each is recorded, so that a stop finds it whatever happens  4 what an earlier start has left goes  5 start
  const answers = await Promise.all(wanted.map(name => serving(name, state, o.dataDir)))
  const missing = wanted.filter((_, i) => o.fresh || !answers[i])
  if (missing.length === 0) return servicesOf(state)
  const taken = new Set<number>()
  const starts: Start[] = []
  for (const name of missing) {
    const { kind, port } = programs[name]
    const remembered = state.parts[name]?.ports ?? {}
    // Its own container holds its port.
    const free = state.parts[name]?.container == null ? isFree : async (at: number) => at === remembered[port] || isFree(at)
    const ports = await choosePorts([port], { remembered, taken, seed: o.dataDir, isFree: free })
    const spec = composedServer(name, { ...o, port: ports[port]!, credentials: state.credentials, profile: o.profile ?? 'run' })
    const version = spec.image.slice(spec.image.lastIndexOf(':') + 1).replace(/^v/, '')
    starts.push({ name, spec, part: { kind, version, ports, process: null, container: spec.name } })
  }
  await pullImages(
    starts.map(({ spec }) => spec.image),
    o.events,
  )
  for (const { name, part } of starts) record(name, part)
  await removeContainers(starts.map(({ spec }) => spec.name))
  if (o.fresh) await removeVolumes(starts.map(({ spec }) => spec.volume.name))
  o.events.step(`starting ${starts.map(({ spec }) => spec.image).join(', ')}`)
  const asking = { dataDir: o.dataDir, credentials: state.credentials, withinMs: 1_000 }
  const ended = await Promise.allSettled(
    starts.map(async ({ name, spec, part }) => {
      const began = performance.now()
      try {
        await startContainer(spec, { serves: () => serves(name, part, asking), patienceMs })
      } catch (cause) {
        record(name, { ...part, container: null })
        throw new TributaryError(unreachable[name], `starting ${spec.image}: ${(cause as Error).message}\n`, { cause })
      }
      o.events.step(`${part.kind} ${part.version} is ready (${((performance.now() - began) / 1000).toFixed(1)} s)`)
    }),
  )
  for (const end of ended) if (end.status === 'rejected') throw end.reason
  return servicesOf(state)
}
