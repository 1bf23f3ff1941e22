import { TributaryError } from '../../schemas/errors.js'
import type { Membership, MembershipEvents } from '../log.js'
import { type Held, holding } from './assign.js'
import { BackOff } from './back-off.js'
import { code, isCoordinatorBusy } from './broker-errors.js'
import type { Connections } from './connections.js'
import { Coordinator } from './coordinator.js'
import type { GroupTimes } from './group-requests.js'
import { type JoinPlace, joinRound } from './join-round.js'
import { MemberVoice } from './member-voice.js'
import { Pulse } from './pulse.js'
import { refused } from './request-errors.js'
import { WishBox } from './wish.js'

export interface MembershipTimes extends GroupTimes {
  readonly heartbeatMs: number
}

export interface GroupPlace extends JoinPlace {
  /** Of its own: a join that waits for others blocks whatever is behind it (measured: 5 s). */
  readonly connections: Connections
  readonly group: string
  readonly times: MembershipTimes
  /** A dead member to take out first. */
  readonly replaces: string | null
}

const firstJoinLimitMs = 60_000

/**
 * Our own member of a consumer group. Partitions move in two steps: who loses one finishes with it (`revoked`) and joins
 * again without it, and only then the leader gives it on (see `handOver`). Heartbeats run on a timer, whatever the loops do, and are quick
 * after a round: what comes next is only heard by asking.
 */
export class GroupMembership implements Membership {
  readonly #place: GroupPlace
  readonly #events: MembershipEvents
  readonly #coordinator: Coordinator
  readonly #voice: MemberVoice
  #held: readonly Held[] = []
  /** Set while a join is under way: heartbeats would only queue up behind it. */
  #joining: Promise<unknown> | undefined
  readonly #pulse: Pulse
  readonly #wishes = new WishBox()
  #closed = false
  #running: Promise<void> = Promise.resolve()

  private constructor(place: GroupPlace, events: MembershipEvents) {
    this.#place = place
    this.#events = events
    this.#coordinator = new Coordinator(place.map, place.connections, 'group', place.group)
    this.#voice = new MemberVoice(this.#coordinator, place.group)
    this.#pulse = new Pulse(place.times.heartbeatMs, () => void this.#beat())
  }

  /** Resolves after the first completed join; the events start after that. */
  static async join(place: GroupPlace, events: MembershipEvents): Promise<GroupMembership> {
    const member = new GroupMembership(place, events)
    try {
      if (place.replaces !== null) await member.#voice.bury(place.replaces)
      member.#hold(await member.#joinGroup(new BackOff(firstJoinLimitMs)))
    } catch (error) {
      await place.connections.close()
      throw error
    }
    // Not before the caller holds the membership: its handlers use it.
    setImmediate(() => {
      if (!member.#closed) member.#running = member.#run()
    })
    return member
  }

  get owned(): readonly number[] {
    return this.#held.map(({ partition }) => partition)
  }

  get generation(): number {
    return this.#voice.generation
  }

  /** Whether it can speak for the group. */
  isIn(group: string): boolean {
    return !this.#closed && this.#place.group === group
  }

  get isOver(): boolean {
    return this.#closed
  }

  async confirm(): Promise<boolean> {
    await this.#joining
    if (this.#closed) return false
    const error = await this.#voice.heartbeat()
    // A re-balance under way does not take anything from a member of the current generation.
    return error === code.none || error === code.rebalanceInProgress
  }

  async leave(): Promise<void> {
    if (!this.#closed) await this.#stop(() => this.#events.revoked(this.owned))
  }

  /** Leaves without handing anything back: the log is being closed under it. */
  async abandon(): Promise<void> {
    if (!this.#closed) await this.#stop(async () => this.#events.lost(new Error('the log was closed')))
  }

  /** A hint, so any answer will do. */
  async hintOffsets(topic: string, offsets: ReadonlyMap<number, number>): Promise<void> {
    await this.#voice.hintOffsets(topic, offsets)
  }

  async #run(): Promise<void> {
    try {
      if (this.#held.length > 0) await this.#events.assigned(this.owned)
      for (;;) {
        const wish = await this.#wishes.next()
        if (wish === 'closed') return
        if (wish === 'afresh') await this.#forget('')
        await this.#apply(await this.#joinGroup(undefined))
      }
    } catch (error) {
      if (this.#closed) return
      this.#end()
      this.#held = []
      await this.#place.connections.close()
      this.#events.lost(error)
    }
  }

  async #apply(assigned: readonly number[]): Promise<void> {
    const before = this.owned
    const taken = before.filter(partition => !assigned.includes(partition))
    const gained = assigned.filter(partition => !before.includes(partition))
    if (taken.length > 0) {
      // In this order: the tasks end, then the claim goes, and the next join lets the leader give them on.
      await this.#events.revoked(taken)
      this.#wishes.put('rejoin')
    }
    this.#hold(assigned)
    if (gained.length > 0) await this.#events.assigned(gained)
  }

  #hold(assigned: readonly number[]): void {
    this.#held = holding(this.#held, assigned, this.#voice.generation)
  }

  /** The group went on without this member: what it held may be somebody else's now. */
  async #forget(memberId: string): Promise<void> {
    const held = this.owned
    this.#held = []
    this.#voice.memberId = memberId
    this.#voice.generation = -1
    if (held.length > 0) await this.#events.revoked(held)
  }

  /** Joins until there is an assignment. */
  async #joinGroup(limit: BackOff | undefined): Promise<readonly number[]> {
    const backOff = new BackOff(0)
    for (;;) {
      const round = joinRound(this.#place, this.#coordinator, this.#voice.self, this.#held)
      this.#joining = round.catch(() => undefined)
      const { error, memberId, generation, assigned } = await round.finally(() => {
        this.#joining = undefined
      })
      this.#voice.memberId = memberId
      this.#voice.generation = generation
      // Whatever older heartbeats asked for was this.
      this.#wishes.clear()
      if (error === code.none) {
        // What a round takes from one it gives on in the next: who waits for that should not wait for the usual heartbeat.
        this.#pulse.quicken()
        this.#events.joined?.(memberId)
        return assigned
      }
      if (this.#closed) throw new Error('left while joining')
      if (error === code.unknownMemberId) await this.#forget('')
      else if (error === code.illegalGeneration) await this.#forget(memberId)
      else if (!mayJoinAgain(error)) throw refused(`joining ${this.#place.group}`, error)
      if (limit?.expired === true) throw new TributaryError('KAFKA_UNREACHABLE', `joining ${this.#place.group}`)
      if (error !== code.memberIdRequired) await backOff.wait()
    }
  }

  /** Goes on while handlers work: who is slow to give up its tasks is not gone. */
  async #beat(): Promise<void> {
    if (this.#closed || this.#joining !== undefined) return
    const error = await this.#voice.heartbeat()
    if (error === code.rebalanceInProgress) this.#wishes.put('rejoin')
    if (error === code.unknownMemberId || error === code.illegalGeneration) this.#wishes.put('afresh')
  }

  async #stop(farewell: () => Promise<void>): Promise<void> {
    this.#end()
    // A join may be waiting for others for a minute: cut it, the coordinator knows us by our id.
    await this.#place.connections.cut()
    await this.#running
    await farewell()
    this.#held = []
    await this.#voice.leave()
    await this.#place.connections.close()
  }

  #end(): void {
    this.#closed = true
    this.#pulse.stop()
    this.#wishes.put('closed')
  }
}

function mayJoinAgain(error: number): boolean {
  return (
    error === code.memberIdRequired || error === code.rebalanceInProgress || error === code.networkException || isCoordinatorBusy(error)
  )
}
