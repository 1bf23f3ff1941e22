import { runAggregateRole } from '../../runtime/aggregate/aggregate-role.js'
import { type MemoryDisk, memoryDisk } from '../../runtime/memory/memory-state-store.js'
import { runPublishRole } from '../../runtime/publish/publish-role.js'
import type { RoleKit } from '../../runtime/role-kit.js'
import { type AnyRoleName, roleNames } from '../../runtime/roles.js'
import { runRouteRole } from '../../runtime/route/route-role.js'
import { runSinkRole } from '../../runtime/sink/sink-role.js'
import type { MemberFile } from '../../runtime/state/member-file.js'
import type { RoleReport } from '../../runtime/state/role-report.js'
import type { StateStore } from '../../runtime/state/state-store.js'
import type { StateTopicId } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
import { Actor } from './actor.js'
import type { Cluster, Sizes } from './cluster.js'
import type { Faults, Harm } from './faults.js'
import { simFollow } from './sim-follow.js'
import { sessionMs } from './sim-log.js'

/** How new objects are found; null = nobody follows. */
export type FollowBy = 'listing' | 'queue' | null

/** What all instances of a world are given. */
export interface World {
  readonly sizes: Sizes
  readonly follow: FollowBy
}

/** A role of an instance has a folder of its own, whichever process it runs in. */
const machineOf = (actor: Actor) => actor.name.slice(0, actor.name.lastIndexOf('.'))

/** Operating-system processes that come and go, and what is left of them on the disks of their machines. */
/** Nobody asks a simulated machine for its health. */
const noReport: RoleReport = {
  started: () => undefined,
  failed: () => undefined,
  runs: () => undefined,
  over: () => undefined,
  close: () => undefined,
}

export class Processes implements Harm {
  readonly #cluster: Cluster
  readonly #disks = new Map<string, MemoryDisk>()
  readonly #members = new Map<string, string>()
  /** What follows the death of a process. */
  readonly #afterDeath = new Map<Actor, () => void>()
  #calm = false

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** An instance of `run`: its roles are processes of their own, each started again when it has ended. */
  instance(name: string, { sizes, follow }: World): void {
    const roles: readonly AnyRoleName[] = follow === null ? roleNames : [...roleNames, 'follow']
    for (const role of roles) this.#start(name, role, 0, { sizes, follow })
  }

  /** In place of starting again. */
  onDeath(actor: Actor, then: () => void): void {
    this.#afterDeath.set(actor, then)
  }

  /** Named points are steps, as long as faults are wanted. */
  faultOf(actor: Actor): RoleKit['fault'] {
    return point => (this.#calm ? undefined : this.#cluster.scheduler.step(actor, `fault ${point}`))
  }

  calm(faults: Faults): void {
    this.#calm = true
    faults.end()
  }

  crash(actor: Actor): void {
    const { scheduler, tally } = this.#cluster
    actor.kill()
    scheduler.forget(actor)
    tally.crash++
    // A crash may take the disk with it.
    if (scheduler.random.below(3) === 0) this.#loseDisk(actor)
    this.#after(sessionMs, `${actor.name} is missed`, () => this.#cluster.logOf(actor).drop())
    this.#after(100 + scheduler.random.below(3000), `${actor.name} is started again`, () => this.#afterDeath.get(actor)?.())
  }

  pause(actor: Actor, ms: number): void {
    actor.pause()
    this.#cluster.tally[ms > sessionMs ? 'zombie' : 'pause']++
    this.#after(ms, `${actor.name} wakes up`, () => actor.resume())
    if (ms <= sessionMs) return
    this.#after(sessionMs, `${actor.name} is missed`, () => {
      if (actor.paused) this.#cluster.logOf(actor).expel(actor.awake)
    })
  }

  cutOff(actor: Actor): void {
    const { tally, scheduler } = this.#cluster
    const log = this.#cluster.logOf(actor)
    if (!log.isMember()) return
    tally.cutOff++
    const heard = new Promise<void>(resolve => {
      this.#after(300 + scheduler.random.below(3000), `${actor.name} is heard of again`, () => {
        // A dead one is not.
        if (actor.dead) return
        actor.renew()
        resolve()
      })
    })
    log.expel(heard)
  }

  strand(actor: Actor): void {
    this.#after(3 * sessionMs, `${actor.name} is given up`, () => {
      if (!actor.dead) this.crash(actor)
    })
  }

  leave(actor: Actor): void {
    this.#cluster.tally.leave++
    actor.stop.abort()
  }

  /** Its id in the group, and the state of its tasks. */
  #loseDisk(actor: Actor): void {
    const machine = machineOf(actor)
    const disks = [...this.#disks.keys()].filter(name => name.startsWith(`${machine}/`))
    for (const name of disks) this.#disks.delete(name)
    if (this.#members.delete(machine) || disks.length > 0) this.#cluster.tally.lostDisk++
  }

  #after(ms: number, label: string, work: () => void): void {
    this.#cluster.scheduler.after(ms, label, work)
  }

  #start(instance: string, role: AnyRoleName, run: number, world: World): void {
    const { scheduler, codec } = this.#cluster
    const actor = new Actor(`${instance}.${role}.${run}`, true)
    const again = () => this.#start(instance, role, run + 1, world)
    this.#afterDeath.set(actor, again)
    const services = this.#cluster.services(actor, world.sizes)
    const member = this.#memberFile(machineOf(actor))
    const kit: RoleKit = {
      services,
      codec,
      aggregates: topology.aggregates,
      formats: topology.formats,
      openStore: (partition, name) => this.#store(machineOf(actor), role, partition, name),
      member,
      report: noReport,
      signal: actor.stop.signal,
      fault: this.faultOf(actor),
      mostInline: 3,
    }
    const roles: Record<AnyRoleName, () => Promise<unknown>> = {
      route: () => runRouteRole(kit),
      aggregate: () => runAggregateRole(kit),
      sink: () => runSinkRole(kit),
      publish: () => runPublishRole(kit),
      follow: () => simFollow(kit, world.follow === 'queue' ? this.#cluster.queueOf(actor) : null),
    }
    const ended = async (how: string) => {
      scheduler.note(`${actor.name} ended: ${how}`)
      await services.close()
      this.#after(200, `${actor.name} is started again`, again)
    }
    roles[role]().then(
      () => ended('stopped'),
      error => ended(String(error)),
    )
  }

  /** Of a role's state folder: outlives the process, whose successor reads it when it is there. */
  #memberFile(name: string): MemberFile {
    const left = this.#members.get(name) ?? null
    return { left, write: id => void this.#members.set(name, id), clear: () => void this.#members.delete(name) }
  }

  /** Stores that have a name are tables of state topics. */
  #store(machine: string, role: AnyRoleName, partition: number, table?: string): StateStore {
    const name = [machine, partition, ...(table === undefined ? [] : [table])].join('/')
    const disk = this.#disks.get(name) ?? memoryDisk()
    this.#disks.set(name, disk)
    return this.#cluster.watch.store(role, partition, disk, table as StateTopicId | undefined)
  }
}
