import type { Log, Membership, MembershipEvents } from '../../runtime/log.js'
import type { MemoryBroker } from '../../runtime/memory/memory-broker.js'
import { type MemoryLog, memoryLog } from '../../runtime/memory/memory-log.js'
import type { Actor } from './actor.js'
import { Late, type Tally } from './faults.js'
import { forever, type Scheduler } from './scheduler.js'

export const transactionTimeoutMs = 1500
export const sessionMs = 2000

/** The log of one simulated process, and what the broker does when that process goes silent. */
export interface SimLog {
  readonly log: Log
  /** The session time-out of a process that is paused or cut off: others get its partitions; it learns of that when `heard` resolves. */
  expel(heard: Promise<void>): void
  isMember(): boolean
  /** The session time-out of a process that is dead. */
  drop(): void
}

const readings: ReadonlySet<string> = new Set(['fetch.before', 'fetch.after', 'watermarks.before', 'watermarks.after'])

export function simLog(scheduler: Scheduler, broker: MemoryBroker, actor: Actor, tally: Tally): SimLog {
  const step = (point: string, late?: () => void) => {
    // Reading changes nothing: that it waits its turn now and then is enough, and most of all steps are reads.
    if (readings.has(point) && !actor.dead && !actor.paused && scheduler.random.below(4) > 0) return
    if (late === undefined) return scheduler.step(actor, point)
    return scheduler.step(actor, point === 'send.before' ? 'write.before' : point).catch(error => {
      // Nobody hears what becomes of it.
      if (error instanceof Late) scheduler.afterSteps(error.steps, `${actor.name} ${point} arrives late`, late)
      throw error
    })
  }
  const log: MemoryLog & { join: Log['join'] } = memoryLog({
    broker,
    clock: { now: () => scheduler.now + scheduler.brokerOffMs, wait: scheduler.clock(actor).wait },
    transactionTimeoutMs,
    step,
  })
  const join: Log['join'] = log.join.bind(log)
  let member: Membership | null = null

  async function joinGroup(...[group, topic, events, ...more]: Parameters<Log['join']>): Promise<Membership> {
    await scheduler.step(actor, 'join')
    const joined = await join(group, topic, listener(actor, events, tally), ...more)
    if (actor.dead) {
      // Killed while it joined: the broker finds out by the session time-out, as always.
      await log.close()
      return forever()
    }
    member = joined
    return {
      get owned() {
        return joined.owned
      },
      get generation() {
        return joined.generation
      },
      async confirm() {
        await scheduler.step(actor, 'confirm.before')
        const answer = await joined.confirm()
        await scheduler.step(actor, 'confirm.after')
        return answer
      },
      async leave() {
        await scheduler.step(actor, 'leave')
        await joined.leave()
      },
    }
  }

  return {
    log: Object.assign(log, { join: joinGroup }),
    expel(heard) {
      actor.session.end()
      if (member !== null) log.expel(member, heard).catch(() => undefined)
    },
    isMember: () => member !== null,
    drop() {
      actor.session.end()
      log.close().catch(() => undefined)
    },
  }
}

/** The group waits for a member's answer only as long as its session lasts; a member hears things in their order, and only while it runs. */
function listener(actor: Actor, events: MembershipEvents, tally: Tally): MembershipEvents {
  let last: Promise<void> = Promise.resolve()
  const tell = (work: () => Promise<void>): Promise<void> => {
    const { over } = actor.session
    last = last.then(() => actor.awake).then(work)
    return Promise.race([last, over])
  }
  return {
    assigned(partitions) {
      const { session } = actor
      return tell(async () => {
        if (!session.ended) await events.assigned(partitions)
      })
    },
    revoked(partitions) {
      tally.rebalance++
      return tell(() => events.revoked(partitions))
    },
    joined(id) {
      if (!actor.dead) events.joined?.(id)
    },
    lost(error) {
      if (!actor.dead) events.lost(error)
    },
  }
}
