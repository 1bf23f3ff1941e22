import { type Config, readConfig } from '../../config.js'
import type { EventQueue } from '../../runtime/event-queue.js'
import { MemoryBroker } from '../../runtime/memory/memory-broker.js'
import { type MemoryQueue, memoryQueue } from '../../runtime/memory/memory-queue.js'
import { type Codec, openCodec, registerSchemas } from '../../runtime/registry/codec.js'
import type { Registry } from '../../runtime/registry/registry.js'
import type { Services } from '../../runtime/services.js'
import { settingsOf } from '../../runtime/topics-admin.js'
import { topics } from '../../schemas/topics.js'
import { Actor } from './actor.js'
import { newTally } from './faults.js'
import { noting } from './noting.js'
import { type Decide, Scheduler } from './scheduler.js'
import { followed } from './sim-follow.js'
import { type SimLog, simLog } from './sim-log.js'
import { Objects, simStore } from './sim-store.js'
import { Watch } from './watch.js'
import { pseudonymKey } from './watch-tables.js'

export const config: Config = readConfig({
  PARTITIONS: '2',
  PSEUDONYM_KEY: pseudonymKey,
  COMMIT_MS: '200',
  PUTS_PER_SECOND: '10000',
  MAX_STATEMENT_BYTES: '4096',
  BUCKET_BYTES: '1000',
})
export type Sizes = Pick<Config, 'pieceBytes' | 'openBytes' | 'fetchBytes'>
export const naming = { prefix: config.topicPrefix, generation: config.generation }
const publicUrl = 'memory://datasets'
const addresses = { brokers: [], registry: '', s3: { endpoint: '', region: '', accessKeyId: '', secretAccessKey: '' } }

const schemas: string[] = []
const registry: Registry = {
  async register(_, schema) {
    if (!schemas.includes(schema)) schemas.push(schema)
    return schemas.indexOf(schema) + 1
  },
  find: async (_, schema) => schemas.indexOf(schema) + 1 || null,
  schema: async id => schemas[id - 1] ?? null,
}
/** Made once: parsing the schemas takes longer than a seed, and a codec remembers nothing but schemas. */
const sharedCodec = registerSchemas(registry, naming).then(() => openCodec(registry, naming))

/** What every process of a world shares: a broker and an object store, what goes wrong with them, and who watches. */
export class Cluster {
  readonly scheduler: Scheduler
  readonly broker = new MemoryBroker()
  readonly objects: Objects
  /** Of the messages about new objects. */
  readonly queue: MemoryQueue
  readonly tally = newTally()
  readonly codec: Codec
  readonly watch: Watch
  readonly #logs = new Map<Actor, SimLog>()

  static async open(seed: number, traced: boolean, decide: Decide): Promise<Cluster> {
    const cluster = new Cluster(seed, traced, await sharedCodec, decide)
    // Histories lie in a bucket of somebody else's; that of the datasets the sinks make themselves.
    await cluster.objects.store.ensureBucket(followed.bucket)
    return cluster
  }

  private constructor(seed: number, traced: boolean, codec: Codec, decide: Decide) {
    this.codec = codec
    this.scheduler = new Scheduler(seed, traced, decide)
    this.queue = memoryQueue(this.scheduler.clock(new Actor('queue', false)), 200)
    this.objects = new Objects(
      () => this.scheduler.now,
      (key, body, again) => this.watch.onObject(key, body, again),
    )
    this.watch = new Watch(this.broker, naming, config.partitions, codec, this.objects, this.tally)
    const services = this.services(new Actor('operator', false))
    for (const declaration of Object.values(topics)) this.broker.create(settingsOf(declaration, services, 1))
  }

  services(actor: Actor, sizes: Sizes = config): Services {
    const sim = simLog(this.scheduler, this.broker, actor, this.tally)
    this.#logs.set(actor, sim)
    const clock = this.scheduler.clock(actor)
    return {
      addresses,
      config: { ...config, pieceBytes: sizes.pieceBytes, openBytes: sizes.openBytes, fetchBytes: sizes.fetchBytes },
      naming,
      log: sim.log,
      store: simStore(this.objects, clock, label => this.scheduler.step(actor, label), this.tally),
      registry,
      clock,
      logger: noting(this.scheduler, actor.name, this.tally),
      publicUrl,
      requireCredentials: async () => undefined,
      close: () => sim.log.close(),
    }
  }

  queueOf(actor: Actor): EventQueue {
    return this.queue.as(this.scheduler.clock(actor), request => this.scheduler.step(actor, `queue ${request}`))
  }

  logOf(actor: Actor): SimLog {
    return this.#logs.get(actor)!
  }

  /** The world is over: whatever is still going on in it stands still, and nothing holds on to it. */
  close(): void {
    for (const actor of this.#logs.keys()) {
      actor.kill()
      this.scheduler.forget(actor)
      actor.stop.abort()
    }
  }
}
