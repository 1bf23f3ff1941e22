import type { Watermarks } from '../log.js'
import { askLeaders, askPresentLeaders } from './ask-leaders.js'
import type { ClusterMap } from './cluster-map.js'
import type { Connections } from './connections.js'
import { appendedSince, listOffsetsRequest, marks, type OffsetQuery } from './list-offsets-request.js'

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
  return inOrder((query, wanted) => ask({ map, connections, topic }, query, wanted), partitions)
}

/** Of the partitions that are answered for now. */
export async function knownWatermarksOf(
  map: ClusterMap,
  connections: Connections,
  topic: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, Watermarks>> {
  return inOrder((query, wanted) => ask({ map, connections, topic }, query, wanted, askPresentLeaders), partitions)
}

/** In this order, so that low <= stable <= high holds although the log moves between the questions. */
async function inOrder(
  question: (query: OffsetQuery, partitions: readonly number[]) => Promise<ReadonlyMap<number, number>>,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, Watermarks>> {
  const low = await question(marks.low, partitions)
  const stable = await question(marks.stable, [...low.keys()])
  const high = await question(marks.high, [...stable.keys()])
  return new Map(partitions.flatMap(p => (high.has(p) ? [[p, { low: low.get(p)!, stable: stable.get(p)!, high: high.get(p)! }]] : [])))
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

async function ask(
  { map, connections, topic }: Source,
  query: OffsetQuery,
  partitions: readonly number[],
  askThem: typeof askLeaders = askLeaders,
): Promise<Map<number, number>> {
  if (partitions.length === 0) return new Map()
  const doing = 'asking for the offsets of'
  const places = partitions.map(partition => ({ topic, partition }))
  const answers = await askThem({ map, connections, doing, request: wanted => listOffsetsRequest(wanted, query) }, places)
  return new Map(answers.map(({ partition, offset }) => [partition, offset]))
}
