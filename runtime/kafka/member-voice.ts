import { code } from './broker-errors.js'
import type { Coordinator } from './coordinator.js'
import { type GroupMember, heartbeatRequest, leaveGroupRequest, offsetCommitRequest } from './group-requests.js'
import { inTime } from './in-time.js'

/** A coordinator out of reach must not hold up who leaves: the session time-out does the same a little later. */
const leaveLimitMs = 3_000

/** Speaks for one member under the id and generation it has now. Nothing here is worth an exception. */
export class MemberVoice {
  readonly #coordinator: Coordinator
  readonly #group: string
  memberId = ''
  generation = -1

  constructor(coordinator: Coordinator, group: string) {
    this.#coordinator = coordinator
    this.#group = group
  }

  get self(): GroupMember {
    return { group: this.#group, memberId: this.memberId, generation: this.generation }
  }

  /** The broker's code; undefined when the generation changed before the answer came. */
  async heartbeat(): Promise<number | undefined> {
    const asked = this.self
    const answer = await this.#coordinator.send(heartbeatRequest(asked)).catch(() => ({ error: code.networkException }))
    return asked.generation === this.generation ? answer.error : undefined
  }

  async hintOffsets(topic: string, offsets: ReadonlyMap<number, number>): Promise<void> {
    await this.#coordinator.send(offsetCommitRequest(topic, this.self, offsets)).catch(() => undefined)
  }

  async leave(): Promise<void> {
    if (this.memberId !== '') await this.#takeOut(this.memberId)
  }

  /** A member that died without leaving: the group need not wait for its session to run out. */
  async bury(memberId: string): Promise<void> {
    await this.#takeOut(memberId)
  }

  async #takeOut(memberId: string): Promise<void> {
    const left = this.#coordinator.send(leaveGroupRequest({ ...this.self, memberId })).catch(() => undefined)
    await inTime(left, leaveLimitMs)
  }
}
