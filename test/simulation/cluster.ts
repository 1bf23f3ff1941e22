import { type Config, readConfig } from '../../config.js'
import { silentLogger } from '../../runtime/logger.js'
import { MemoryBroker } from '../../runtime/memory/memory-broker.js'
import { type MemoryDisk, memoryDisk, memoryStateStore } from '../../runtime/memory/memory-state-store.js'
import { runPublishRole } from '../../runtime/publish/publish-role.js'
import { type Codec, openCodec, registerSchemas } from '../../runtime/registry/codec.js'
import type { Registry } from '../../runtime/registry/registry.js'
import type { RoleKit } from '../../runtime/role-kit.js'
import { type RoleName, roleNames } from '../../runtime/roles.js'
import type { Services } from '../../runtime/services.js'
import { runSinkRole } from '../../runtime/sink/sink-role.js'
import type { MemberFile } from '../../runtime/state/member-file.js'
import type { StateStore } from '../../runtime/state/state-store.js'
import { settingsOf } from '../../runtime/topics-admin.js'
import { topics } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
import { Actor } from './actor.js'
import { Faults } from './faults.js'
import { Scheduler } from './scheduler.js'
import { type SimLog, sessionMs, simLog } from './sim-log.js'
import { simRoute } from './sim-route.js'
import { Objects, simStore } from './sim-store.js'
import { WatchLog } from './watch-log.js'
import { WatchManifests } from './watch-manifests.js'

export const config: Config = {
  ...readConfig({ PARTITIONS: '2', PSEUDONYM_KEY: 'the same key in all worlds', COMMIT_MS: '200', PUTS_PER_SECOND: '10000' }),
}
const naming = { prefix: config.topicPrefix, generation: config.generation }
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
let codec: Promise<Codec> | null = null

/** A broker, an object store, and processes that come and go on them. */
export class Cluster {
  readonly scheduler: Scheduler
  readonly faults = new Faults()
  readonly broker = new MemoryBroker()
  readonly objects: Objects
  readonly manifests: WatchManifests
  readonly harness = new Actor('harness', false)
  #log: WatchLog | null = null
  #codec: Codec | null = null
  readonly #disks = new Map<string, MemoryDisk>()
  readonly #left = new Map<string, string>()
  readonly #logs = new Map<Actor, SimLog>()
  readonly #roles = new Map<Actor, () => void>()
  #calm = false

  constructor(seed: number, traced: boolean) {
    this.scheduler = new Scheduler(seed, traced, (actor, label) => this.faults.decide(this.scheduler, actor, label, this))
    this.manifests = new WatchManifests(key => this.objects.sha256(key))
    this.objects = new Objects(
      () => this.scheduler.now,
      (key, body) => this.manifests.onObject(key, body),
    )
  }

  get log(): WatchLog {
    return this.#log!
  }

  async open(): Promise<void> {
    const services = this.services(new Actor('operator', false))
    await services.log.createTopics(Object.values(topics).map(declaration => settingsOf(declaration, services, 1)))
    codec ??= registerSchemas(registry, naming).then(() => openCodec(registry, naming))
    this.#codec = await codec
    this.#log = new WatchLog(this.broker, naming, config.partitions, this.#codec, this.objects)
  }

  services(actor: Actor, pieceBytes = config.pieceBytes): Services {
    const sim = simLog(this.scheduler, this.broker, actor)
    this.#logs.set(actor, sim)
    const store = simStore(
      this.objects,
      label => this.scheduler.step(actor, label),
      () => this.faults.taken(this.scheduler, actor),
    )
    const clock = this.scheduler.clock(actor)
    const close = () => sim.log.close()
    return {
      addresses,
      config: { ...config, pieceBytes },
      naming,
      log: sim.log,
      store,
      registry,
      clock,
      logger: silentLogger,
      publicUrl,
      close,
    }
  }

  /** An instance of `run`: its roles are processes of their own, each started again when it has ended. */
  instance(name: string, pieceBytes: number): void {
    for (const role of roleNames) this.#start(name, role, 0, pieceBytes)
  }

  /** In place of starting again. */
  onCrash(actor: Actor, then: () => void): void {
    this.#roles.set(actor, then)
  }

  /** Time for `work` to happen by itself. */
  after(ms: number, work: () => void): void {
    void this.scheduler.clock(this.harness).sleep(ms).then(work)
  }

  /** The invariants, after a step. */
  look(): void {
    this.#log?.look()
    if (this.manifests.breach !== null) throw this.manifests.breach
  }

  /** No more faults. */
  calm(): void {
    this.#calm = true
    this.faults.end()
  }

  crash(actor: Actor): void {
    actor.kill()
    this.scheduler.forget(actor)
    // A crash may take the disk with it.
    if (this.scheduler.random.below(3) === 0)
      for (const name of [...this.#disks.keys()]) if (name.startsWith(`${instanceOf(actor)}/`)) this.#disks.delete(name)
    this.after(sessionMs, () => this.#logs.get(actor)?.drop())
    this.after(100 + this.scheduler.random.below(3000), () => this.#roles.get(actor)?.())
  }

  pause(actor: Actor): void {
    const ms = this.scheduler.random.pick([300, 1000, 1800, 2500, 4000])
    actor.pause()
    this.after(ms, () => actor.resume())
    if (ms <= sessionMs) return
    this.after(sessionMs, () => {
      if (actor.paused) this.#logs.get(actor)?.expel()
    })
  }

  leave(actor: Actor): void {
    actor.stop.abort()
  }

  #start(instance: string, role: RoleName, run: number, pieceBytes: number): void {
    const actor = new Actor(`${instance}.${role}.${run}`, true)
    const again = () => this.#start(instance, role, run + 1, pieceBytes)
    this.#roles.set(actor, again)
    const services = this.services(actor, pieceBytes)
    const fault = (point: string) => (this.#calm ? undefined : this.scheduler.step(actor, `fault ${point}`))
    const member = this.#memberFile(`${instance}.${role}`)
    const folder = { path: '', release: () => undefined }
    const kit: RoleKit = { services, codec: this.#codec!, formats: topology.formats, folder, member, signal: actor.stop.signal, fault }
    const openStore = (partition: number) => this.#store(`${instance}/${partition}`)
    const running = { route: () => simRoute(kit, openStore), sink: () => runSinkRole(kit), publish: () => runPublishRole(kit) }[role]()
    const ended = async (how: string) => {
      this.scheduler.note(`${actor.name} ended: ${how}`)
      await services.close()
      this.after(200, again)
    }
    running.then(
      () => ended('stopped'),
      error => ended(String(error)),
    )
  }

  /** Of a role's state folder: outlives the process, whose successor reads it when it is there. */
  #memberFile(name: string): MemberFile {
    const left = this.#left.get(name) ?? null
    return { left, write: id => void this.#left.set(name, id), clear: () => void this.#left.delete(name) }
  }

  #store(name: string): StateStore {
    const disk = this.#disks.get(name) ?? memoryDisk()
    this.#disks.set(name, disk)
    return memoryStateStore(disk)
  }
}

const instanceOf = (actor: Actor) => actor.name.slice(0, actor.name.indexOf('.'))
