import { assign, type Held, handOver, holding } from '../kafka/assign.js'
import type { Membership, MembershipEvents } from '../log.js'

/** One member of a group in memory. */
export class MemoryMember implements Membership {
  readonly id: string
  readonly events: MembershipEvents
  readonly #group: MemoryGroup
  held: readonly Held[] = []
  generation = 0
  /** It has left, or its process has ended: it does not join again when a pause is over. */
  gone = false
  /** Resolves when nothing keeps it from being heard of; a later one comes when it is cut off again. */
  heard: Promise<unknown> = Promise.resolve()

  constructor(id: string, events: MembershipEvents, group: MemoryGroup) {
    this.id = id
    this.events = events
    this.#group = group
  }

  get owned(): readonly number[] {
    return this.held.map(({ partition }) => partition)
  }

  async confirm(): Promise<boolean> {
    return this.#group.has(this)
  }

  leave(): Promise<void> {
    return this.#group.leave(this)
  }
}

/**
 * A group whose rounds follow one another: shares as on the real broker (the same pure functions), events in the order of
 * joining. A partition moves in two rounds there too, so what is tested here holds there.
 */
export class MemoryGroup {
  readonly #members: MemoryMember[] = []
  #generation = 0
  #joined = 0
  #partitions = 0
  #rounds: Promise<void> = Promise.resolve()

  get members(): readonly MemoryMember[] {
    return this.#members
  }

  has(member: MemoryMember): boolean {
    return this.#members.includes(member)
  }

  /** `replaces`: the id of a member whose process is dead for certain; its partitions are free at once. */
  join(events: MembershipEvents, partitions: number, replaces: string | null): Promise<MemoryMember> {
    const member = new MemoryMember(`member-${++this.#joined}`, events, this)
    this.#partitions = partitions
    return new Promise((resolve, reject) => {
      this.#afterRounds(async () => {
        const dead = this.#members.find(({ id }) => id === replaces)
        if (dead !== undefined) this.#bury(dead)
        this.#members.push(member)
        events.joined?.(member.id)
        member.generation = this.#generation + 1
        member.held = holding([], this.#shares().get(member.id) ?? [], member.generation)
        resolve(member)
        // The caller first: its handlers use the membership.
        await new Promise(next => setImmediate(next))
        if (member.owned.length > 0) await this.#tell(member, 'assigned', member.owned)
        await this.#balance()
      }).catch(reject)
    })
  }

  async leave(member: MemoryMember): Promise<void> {
    await this.#afterRounds(async () => {
      member.gone = true
      if (!this.has(member)) return
      await this.#tell(member, 'revoked', member.owned)
      this.#remove(member)
      await this.#balance()
    })
  }

  /**
   * Throws a member out without telling it, as a session time-out does to a paused process. When `awake` resolves it
   * learns: all is revoked, and it joins again. One that is out already learns of that when it is heard of for good.
   */
  async expel(member: MemoryMember, awake: Promise<void>): Promise<void> {
    member.heard = Promise.all([member.heard, awake])
    let was = false
    let held: readonly number[] = []
    await this.#afterRounds(async () => {
      was = this.has(member)
      held = member.owned
      this.#remove(member)
      await this.#balance()
    })
    if (!was) return
    void this.#comeBack(member, held)
  }

  async #comeBack(member: MemoryMember, held: readonly number[]): Promise<void> {
    for (let heard: Promise<unknown> | null = null; heard !== member.heard; ) {
      heard = member.heard
      await heard
    }
    await this.#afterRounds(async () => {
      if (held.length > 0) await this.#tell(member, 'revoked', held)
      if (member.gone) return
      this.#members.push(member)
      await this.#balance()
    })
  }

  #remove(member: MemoryMember): void {
    const at = this.#members.indexOf(member)
    if (at >= 0) this.#members.splice(at, 1)
    member.held = []
  }

  /**
   * The process of a member ended: nobody is asked, the others go on. False = it was no member any more. Whether it is one turns out
   * after the rounds under way: one that was expelled may be about to come back.
   */
  async drop(member: MemoryMember): Promise<boolean> {
    let was = false
    await this.#afterRounds(async () => {
      was = this.has(member)
      this.#bury(member)
      await this.#balance()
    })
    return was
  }

  #bury(member: MemoryMember): void {
    member.gone = true
    this.#remove(member)
  }

  #afterRounds(work: () => Promise<void>): Promise<void> {
    const round = this.#rounds.then(work)
    this.#rounds = round.catch(() => undefined)
    return round
  }

  #shares(): ReadonlyMap<string, readonly number[]> {
    const claimants = this.#members.map(({ id, held, generation }) => ({ id, owned: held, generation }))
    return handOver(assign(claimants, this.#partitions), claimants)
  }

  /** Rounds until nobody has to give anything up. */
  async #balance(): Promise<void> {
    for (let moved = true; moved; ) {
      moved = false
      const shares = this.#shares()
      this.#generation++
      for (const member of [...this.#members]) {
        const share = shares.get(member.id) ?? []
        const taken = member.owned.filter(partition => !share.includes(partition))
        const gained = share.filter(partition => !member.owned.includes(partition))
        member.generation = this.#generation
        if (taken.length > 0) {
          moved = true
          await this.#tell(member, 'revoked', taken)
        }
        if (!this.has(member)) continue
        member.held = holding(member.held, share, this.#generation)
        if (gained.length > 0) await this.#tell(member, 'assigned', gained)
      }
    }
  }

  /** A handler that throws ends its membership, as on the real broker; the others go on. */
  async #tell(member: MemoryMember, event: 'assigned' | 'revoked', partitions: readonly number[]): Promise<void> {
    try {
      await member.events[event](partitions)
    } catch (error) {
      this.#remove(member)
      member.events.lost(error)
    }
  }
}
