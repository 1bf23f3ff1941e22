import type { Clock } from '../../runtime/clock.js'
import { silentLogger } from '../../runtime/logger.js'
import { memoryLog } from '../../runtime/memory/memory-log.js'
import { memoryStore } from '../../runtime/memory/memory-store.js'
import { memoryRegistry } from './memory-registry.js'
import { assembleWorld, type OpenServices, type World } from './world.js'

/** Seconds of its clock in one second of ours: what waits for a second is there at once. */
const speed = 10

function fastClock(): Clock & { wait(ms: number, signal: AbortSignal): Promise<void> } {
  const began = Date.now()
  const start = performance.now()
  const monotonic = () => Math.floor((performance.now() - start) * speed)
  const wait = (ms: number, signal?: AbortSignal) =>
    new Promise<void>(resolve => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms / speed)
      signal?.addEventListener('abort', done)
    })
  return { now: () => began + monotonic(), monotonic, sleep: wait, wait, uuid: () => crypto.randomUUID() }
}

/** Everything in memory that a world stands on; two worlds on the same see each other's topics and objects. */
export function memoryServers(): OpenServices {
  const clock = fastClock()
  const { broker } = memoryLog({ clock })
  const store = memoryStore(clock.now)
  const registry = memoryRegistry()
  return (config, name) => {
    const log = memoryLog({ broker, clock })
    return {
      addresses: { brokers: [name], registry: '', s3: { endpoint: '', region: '', accessKeyId: '', secretAccessKey: '' } },
      config,
      naming: { prefix: config.topicPrefix, generation: config.generation },
      log,
      store,
      registry,
      clock,
      logger: silentLogger,
      publicUrl: `memory://${config.datasetsBucket}`,
      requireCredentials: async () => undefined,
      close: () => log.close(),
    }
  }
}

/** A world without servers, whose time runs fast: the same loops, the ports in memory, only the ids seen are on disk. */
export function makeMemoryWorld(env: Readonly<Record<string, string>> = {}, servers = memoryServers()): Promise<World> {
  return assembleWorld({ PARTITIONS: '2', ...env }, servers)
}
