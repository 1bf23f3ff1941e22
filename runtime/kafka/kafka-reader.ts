import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import type { Fetched, FetchLimits, FetchPosition, LogReader, Watermarks } from '../log.js'
import { BackOff } from './back-off.js'
import { code, isMoved } from './broker-errors.js'
import type { ClusterMap } from './cluster-map.js'
import { type Connections, isConnectionLost } from './connections.js'
import { fetchRequest, type PartitionAnswer } from './fetch-request.js'
import { inTime } from './in-time.js'
import { groupByLeader, type LeaderGroup } from './leader-groups.js'
import { refuseMissing } from './missing-topic.js'
import { refused, unreachable } from './request-errors.js'
import { walkAnswer } from './walk-answer.js'
import { knownWatermarksOf, watermarksOf } from './watermarks.js'

const limitMs = 30_000
/** No broker takes a larger batch; a damaged length must not be believed, since as many bytes are asked for. */
const mostBatchBytes = 256 << 20
/** With several brokers the answer of one waits for the idle others: so long at most. */
const sharedWaitMs = 100
/** With `leaveAway` a broker that does not answer is waited for so much longer than it was asked to wait. */
const graceMs = 2_000

/** What is still to be asked for one position, and its result once there. */
interface Pending {
  readonly position: FetchPosition
  /** More than the limits allow, when its first batch alone is larger. */
  needed: number
  result: Fetched | undefined
}

/** What one round found out besides results. */
interface Round {
  error: unknown
  /** Whose first batch is larger than what was asked for: not an error, ask for more at once. */
  readonly grown: Set<Pending>
  readonly leaderless: Set<Pending>
}

export class KafkaReader implements LogReader {
  readonly #map: ClusterMap
  readonly #connections: Connections
  readonly #closed: () => void
  #turn = 0
  #over = false

  /** `closed` is told once nothing of the reader is left. */
  constructor(map: ClusterMap, connections: Connections, closed: () => void = () => undefined) {
    this.#map = map
    this.#connections = connections
    this.#closed = closed
  }

  async fetch(positions: readonly FetchPosition[], limits: FetchLimits): Promise<readonly Fetched[]> {
    const all = positions.map((position): Pending => ({ position, needed: 0, result: undefined }))
    await Promise.all(all.map(pending => this.#reachedEnd(pending, limits)))
    const backOff = new BackOff(limitMs)
    const unanswered = () => all.filter(pending => pending.result === undefined)
    let waitMs = limits.maxWaitMs
    for (let open = this.#inTurn(unanswered()); open.length > 0; open = unanswered()) {
      const { error, grown, leaderless } = await this.#round(open, { ...limits, maxWaitMs: waitMs })
      // The others have their answer already: what is asked again must not make them wait again.
      waitMs = 0
      const missing = unanswered().filter(pending => !grown.has(pending))
      if (limits.leaveAway === true) this.#leave(missing, leaderless, error)
      else if (missing.length > 0 && grown.size === 0) await this.#beforeRepeat(missing, backOff, error)
    }
    return all.map(pending => pending.result!)
  }

  async #round(open: readonly Pending[], limits: FetchLimits): Promise<Round> {
    const { groups, leaderless } = await groupByLeader(this.#map, open, pending => pending.position)
    const round: Round = { error: undefined, grown: new Set(), leaderless: new Set(leaderless) }
    const asked = {
      ...limits,
      maxWaitMs: groups.length > 1 ? Math.min(limits.maxWaitMs, sharedWaitMs) : limits.maxWaitMs,
      maxBytes: Math.max(limits.maxBytes, ...open.map(pending => pending.needed)),
    }
    const answered = Promise.all(groups.map(group => this.#fetchGroup(group, asked, round)))
    if (limits.leaveAway !== true) await answered
    else if (!(await inTime(answered, asked.maxWaitMs + graceMs))) round.error ??= unreachable(`reading ${nameOf(open)}: no answer in time`)
    return round
  }

  #leave(missing: readonly Pending[], leaderless: ReadonlySet<Pending>, error: unknown): void {
    for (const pending of missing) pending.result = away(pending, leaderless.has(pending) ? undefined : error)
    // For the next fetch: nobody waits for it here, and what refuses it is met there again.
    if (missing.length > 0) void this.#map.refresh(topicsOf(missing)).catch(() => undefined)
  }

  async #beforeRepeat(missing: readonly Pending[], backOff: BackOff, error: unknown): Promise<void> {
    const topics = topicsOf(missing)
    refuseMissing(this.#map, backOff, topics)
    if (backOff.expired) throw gaveUp(missing, error)
    await backOff.wait()
    if (this.#over) throw unreachable(`reading ${nameOf(missing)}: the reader was closed`)
    await this.#map.refresh(topics)
  }

  async close(): Promise<void> {
    this.#over = true
    await this.#connections.close()
    this.#closed()
  }

  /** A partition at its bound is not asked for: its answer would only keep the others from a long poll. */
  async #reachedEnd(pending: Pending, { leaveAway }: FetchLimits): Promise<void> {
    const { topic, partition, offset, end } = pending.position
    if (end === undefined || offset < end) return
    const ask = leaveAway === true ? knownWatermarksOf : watermarksOf
    const marks: Watermarks | undefined = (await ask(this.#map, this.#connections, topic, [partition])).get(partition)
    pending.result = marks === undefined ? away(pending, undefined) : { topic, partition, records: [], next: offset, ...marks }
  }

  /** Another partition comes first each time: the broker fills the answer in the order asked, and stops at maxBytes. */
  #inTurn(open: readonly Pending[]): Pending[] {
    const first = open.length === 0 ? 0 : this.#turn++ % open.length
    return [...open.slice(first), ...open.slice(0, first)]
  }

  async #fetchGroup(group: LeaderGroup<Pending>, limits: FetchLimits, round: Round): Promise<void> {
    const asks = group.items.map(({ position, needed }) => ({ ...position, maxBytes: Math.max(limits.maxBytesPerPartition, needed) }))
    try {
      const answer = await this.#connections.send(group.leader, fetchRequest(asks, limits))
      if (answer.error !== code.none) throw refused(`reading ${nameOf(group.items)}`, answer.error)
      const waiting = new Map(group.items.map(pending => [`${pending.position.topic}/${pending.position.partition}`, pending]))
      for (const partition of answer.partitions) {
        const pending = waiting.get(`${partition.topic}/${partition.partition}`)
        if (pending !== undefined) await this.#settle(pending, partition, round, pending === group.items[0])
      }
    } catch (error) {
      if (!isConnectionLost(error)) throw error
      round.error = error
    }
  }

  /** `first`: of the answer, where the broker gives at least one batch, if it has it, whatever its size. */
  async #settle(pending: Pending, answer: PartitionAnswer, round: Round, first: boolean): Promise<void> {
    const { topic, partition, offset } = pending.position
    if (answer.error === code.offsetOutOfRange) {
      const marks = (await watermarksOf(this.#map, this.#connections, topic, [partition])).get(partition)!
      pending.result = { topic, partition, records: [], next: offset, ...marks, lost: { low: marks.low, high: marks.high } }
    } else if (isMoved(answer.error)) {
      round.error = refused(`reading ${topic}/${partition}`, answer.error)
    } else {
      const { low, stable, high } = answer
      const { needed, ...walked } = walkAnswer(pending.position, answer)
      if (needed === undefined) {
        pending.result = { topic, partition, ...walked, low, stable, high }
      } else if (needed > mostBatchBytes || (first && needed <= pending.needed)) {
        const broken = new TributaryError(
          'CORRUPT_BATCH',
          `reading ${topic}/${partition} at ${offset}: no batch of ${needed} bytes is there`,
        )
        pending.result = { topic, partition, records: [], next: offset, low, stable, high, broken }
      } else {
        pending.needed = needed
        round.grown.add(pending)
      }
    }
  }
}

function away(pending: Pending, error: unknown): Fetched {
  const { topic, partition, offset } = pending.position
  return { topic, partition, records: [], next: offset, low: 0, stable: 0, high: 0, away: gaveUp([pending], error) }
}

function gaveUp(open: readonly Pending[], error: unknown): TributaryError {
  if (isTributaryError(error)) return error
  return unreachable(`reading ${nameOf(open)}${error === undefined ? ': no broker leads it' : ''}`, error)
}

const topicsOf = (open: readonly Pending[]) => [...new Set(open.map(({ position }) => position.topic))]

function nameOf(open: readonly Pending[]): string {
  return open.map(({ position }) => `${position.topic}/${position.partition}`).join(', ')
}
