import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import type { Fetched, FetchLimits, FetchPosition, LogReader, LogRecord } from '../log.js'
import { BackOff } from './back-off.js'
import { code, isMoved } from './broker-errors.js'
import type { ClusterMap } from './cluster-map.js'
import { committedFilter } from './committed-filter.js'
import { type Connections, isConnectionLost } from './connections.js'
import { fetchRequest, type PartitionAnswer } from './fetch-request.js'
import { groupByLeader, type LeaderGroup } from './leader-groups.js'
import { refuseMissing } from './missing-topic.js'
import { recordsOf, walkBatches } from './record-batch-walker.js'
import { refused, unreachable } from './request-errors.js'
import { watermarksOf } from './watermarks.js'

const limitMs = 30_000
/** No broker takes a larger batch; a damaged length must not be believed, since as many bytes are asked for. */
const mostBatchBytes = 256 << 20
/** With several brokers the answer of one waits for the idle others: so long at most. */
const sharedWaitMs = 100

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
  /** A first batch larger than what was asked for: not an error, ask for more at once. */
  grown: boolean
}

export class KafkaReader implements LogReader {
  readonly #map: ClusterMap
  readonly #connections: Connections
  readonly #closed: () => void
  #turn = 0

  /** `closed` is told once nothing of the reader is left. */
  constructor(map: ClusterMap, connections: Connections, closed: () => void = () => undefined) {
    this.#map = map
    this.#connections = connections
    this.#closed = closed
  }

  async fetch(positions: readonly FetchPosition[], limits: FetchLimits): Promise<readonly Fetched[]> {
    const all = positions.map((position): Pending => ({ position, needed: 0, result: undefined }))
    await Promise.all(all.map(pending => this.#reachedEnd(pending)))
    const backOff = new BackOff(limitMs)
    let open = this.#inTurn(all.filter(pending => pending.result === undefined))
    let waitMs = limits.maxWaitMs
    while (open.length > 0) {
      const round: Round = { error: undefined, grown: false }
      const { groups } = await groupByLeader(this.#map, open, pending => pending.position)
      const asked = {
        ...limits,
        maxWaitMs: groups.length > 1 ? Math.min(waitMs, sharedWaitMs) : waitMs,
        maxBytes: Math.max(limits.maxBytes, ...open.map(pending => pending.needed)),
      }
      await Promise.all(groups.map(group => this.#fetchGroup(group, asked, round)))
      open = open.filter(pending => pending.result === undefined)
      if (open.length === 0) break
      // The others have their answer already: what is asked again must not make them wait once more.
      waitMs = 0
      if (round.grown) continue
      const topics = [...new Set(open.map(pending => pending.position.topic))]
      refuseMissing(this.#map, backOff, topics)
      if (backOff.expired) throw gaveUp(open, round.error)
      await backOff.wait()
      await this.#map.refresh(topics)
    }
    return all.map(pending => pending.result!)
  }

  async close(): Promise<void> {
    await this.#connections.close()
    this.#closed()
  }

  /** A partition at its bound is not asked for: its answer would only keep the others from a long poll. */
  async #reachedEnd(pending: Pending): Promise<void> {
    const { topic, partition, offset, end } = pending.position
    if (end === undefined || offset < end) return
    const marks = (await watermarksOf(this.#map, this.#connections, topic, [partition])).get(partition)!
    pending.result = { topic, partition, records: [], next: offset, ...marks }
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
      const { needed, ...walked } = walk(pending.position, answer)
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
        round.grown = true
      }
    }
  }
}

interface Walked extends Pick<Fetched, 'records' | 'next' | 'broken'> {
  readonly needed?: number | undefined
}

/**
 * The position goes by the batches' own last offsets, so what compaction, aborts or control records left is one step. What lies before a
 * damaged batch is given out: only who stands at it is told.
 */
function walk(position: FetchPosition, answer: PartitionAnswer): Walked {
  const { topic, partition, offset, end = Number.POSITIVE_INFINITY } = position
  const nothing = { records: [], next: offset }
  if (answer.error !== code.none) return { ...nothing, broken: refused(`reading ${topic}/${partition}`, answer.error) }
  const { batches, needed, damage } = walkBatches(answer.bytes, topic, partition)
  const isCommitted = committedFilter(answer.aborted)
  const records: LogRecord[] = []
  let next = offset
  let broken = damage
  for (const batch of batches) {
    if (batch.base >= end) break
    const committed = isCommitted(batch)
    if (batch.last < offset) continue
    if (committed) {
      const before = records.length
      try {
        recordsOf(batch, offset, end, records, topic, partition)
      } catch (error) {
        if (!isTributaryError(error, 'CORRUPT_BATCH')) throw error
        records.length = before
        broken = error
        break
      }
    }
    next = batch.last + 1
  }
  if (next === offset && broken !== undefined) return { ...nothing, broken }
  return { records, next: Math.min(next, end), needed }
}

function gaveUp(open: readonly Pending[], error: unknown): unknown {
  return error === undefined || isConnectionLost(error) ? unreachable(`reading ${nameOf(open)}`, error) : error
}

function nameOf(open: readonly Pending[]): string {
  return open.map(({ position }) => `${position.topic}/${position.partition}`).join(', ')
}
