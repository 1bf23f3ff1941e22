import type { Watermarks } from '../log.js'
import { BackOff } from './back-off.js'
import { code, isMoved } from './broker-errors.js'
import type { ClusterMap } from './cluster-map.js'
import { type Connections, isConnectionLost } from './connections.js'
import { groupByLeader, type LeaderGroup } from './leader-groups.js'
import { appendedSince, type ListedOffset, listOffsetsRequest, marks, type OffsetQuery } from './list-offsets-request.js'
import { refuseMissing } from './missing-topic.js'
import { refused, unreachable } from './request-errors.js'

const limitMs = 30_000

/** What the marks are asked of. */
interface Source {
  readonly map: ClusterMap
  readonly connections: Connections
  readonly topic: string
}

export async function watermarksOf(
  map: ClusterMap,
  connections: Connections,
  topic: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, Watermarks>> {
  const source = { map, connections, topic }
  // In this order, so that low <= stable <= high holds although the log moves between the questions.
  const low = await ask(source, marks.low, partitions)
  const stable = await ask(source, marks.stable, partitions)
  const high = await ask(source, marks.high, partitions)
  return new Map(partitions.map(p => [p, { low: low.get(p)!, stable: stable.get(p)!, high: high.get(p)! }]))
}

/** Per partition the first offset appended at or after `time`; where there is none, the end as it was before the question. */
export async function offsetsSince(
  map: ClusterMap,
  connections: Connections,
  topic: string,
  partitions: readonly number[],
  time: number,
): Promise<ReadonlyMap<number, number>> {
  const source = { map, connections, topic }
  const ends = await ask(source, marks.high, partitions)
  const found = await ask(source, appendedSince(time), partitions)
  return new Map(partitions.map(p => [p, found.get(p)! < 0 ? ends.get(p)! : found.get(p)!]))
}

async function ask(source: Source, query: OffsetQuery, partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const { map, topic } = source
  const offsets = new Map<number, number>()
  const backOff = new BackOff(limitMs)
  for (;;) {
    const missing = partitions.filter(partition => !offsets.has(partition))
    if (missing.length === 0) return offsets
    const { groups } = await groupByLeader(map, missing, partition => ({ topic, partition }))
    const outcomes = await Promise.all(groups.map(group => askLeader(source, query, group, offsets)))
    if (missing.every(partition => offsets.has(partition))) continue
    refuseMissing(map, backOff, [topic])
    if (backOff.expired) throw outcomes.find(outcome => outcome !== undefined) ?? unreachable(`asking for the offsets of ${topic}`)
    await backOff.wait()
    await map.refresh([topic])
  }
}

/** Notes what the leader answered; returns why something is still missing, if it is. */
async function askLeader(source: Source, query: OffsetQuery, group: LeaderGroup<number>, offsets: Map<number, number>): Promise<unknown> {
  const doing = `asking for the offsets of ${source.topic}`
  let answers: readonly ListedOffset[]
  try {
    answers = await source.connections.send(group.leader, listOffsetsRequest(source.topic, group.items, query))
  } catch (error) {
    if (!isConnectionLost(error)) throw error
    return unreachable(doing, error)
  }
  let failure: unknown
  for (const { partition, error, offset } of answers) {
    if (error === code.none) offsets.set(partition, offset)
    else if (isMoved(error)) failure = refused(`${doing}/${partition}`, error)
    else throw refused(`${doing}/${partition}`, error)
  }
  return failure
}
