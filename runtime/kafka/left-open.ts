import { TributaryError } from '../../schemas/errors.js'
import type { LeftOpen, TopicPartition } from '../log.js'
import { askLeaders, type LeaderQuestion, type PartitionReply } from './ask-leaders.js'
import type { ClusterMap } from './cluster-map.js'
import type { Connections } from './connections.js'
import { fetchRequest } from './fetch-request.js'
import {
  type ActiveProducer,
  type DescribedTransaction,
  type PartitionProducers,
  type TransactionMarker,
  writeTxnMarkersRequest,
} from './open-transaction-requests.js'
import { whoWritesTo } from './open-transactions.js'
import { controlType, walkBatches } from './record-batch-walker.js'
import { watermarksOf } from './watermarks.js'

/** How transactions of one producer id ended, by the epoch of their records: true = committed. */
export type Endings = ReadonlyMap<number, boolean>

export interface LeftOpenSearch {
  readonly map: ClusterMap
  readonly connections: Connections
  readonly producerId: number
}

interface Open extends TopicPartition, ActiveProducer {}

/** Its coordinator has decided it, and is still writing the markers. */
export const isBeingEnded = (state: string) => state.startsWith('Prepare')

/**
 * How the coordinator will have ended the last transaction once it grants the id anew: decided, or open (then the grant aborts it). Protocol 2:
 * deciding raises the epoch, so the records carry the one before. Null = it does not know any more.
 */
export function endingOf({ state, epoch }: DescribedTransaction): readonly [epoch: number, commit: boolean] | null {
  if (state === 'PrepareCommit' || state === 'CompleteCommit') return [epoch - 1, true]
  if (state === 'PrepareAbort' || state === 'CompleteAbort' || state === 'PrepareEpochFence') return [epoch - 1, false]
  return state === 'Ongoing' ? [epoch, false] : null
}

/** Own partitions that still have an open transaction of the producer, with an epoch before `current`. */
export async function findLeftOpen(
  { map, connections, producerId }: LeftOpenSearch,
  own: readonly TopicPartition[],
  current: number,
): Promise<Open[]> {
  return leftOpen(await askLeaders({ map, connections, ...whoWritesTo }, own), producerId, current)
}

/**
 * What is open may only wait for a marker that is on its way: it was left open when it is there still after its coordinator is through with
 * the transaction (`ended`), since that comes after all acknowledged markers. Meanwhile a later one may wait for its own.
 *
 * @throws {TributaryError} TRANSACTION_LEFT_OPEN
 */
export async function refuseLeftOpen(look: () => Promise<readonly Open[]>, ended: () => Promise<void>): Promise<void> {
  const before = await look()
  if (before.length === 0) return
  await ended()
  const isSame = (a: Open, b: Open) => a.topic === b.topic && a.partition === b.partition && a.firstOffset === b.firstOffset
  const left = (await look()).find(open => before.some(other => isSame(open, other)))
  if (left !== undefined)
    throw new TributaryError('TRANSACTION_LEFT_OPEN', `${left.topic}/${left.partition} since offset ${left.firstOffset}`)
}

const leftOpen = (answers: readonly PartitionProducers[], id: number, current: number): Open[] =>
  answers.flatMap(({ topic, partition, producers }) =>
    producers
      .filter(({ producerId, firstOffset, epoch }) => producerId === id && firstOffset >= 0 && epoch < current)
      .map(producer => ({ ...producer, topic, partition })),
  )

/**
 * Ends what was left open as the rest of its transaction ended: as a partition tells that got its marker, else as the coordinator said
 * before it was asked for the grant, or in its answer to the commit. Whoever calls has just been granted the id, so nobody else can write as it.
 *
 * @throws {TributaryError} TRANSACTION_LEFT_OPEN
 */
export async function endLeftOpen(
  search: LeftOpenSearch,
  own: readonly TopicPartition[],
  current: number,
  endings: Endings,
): Promise<readonly LeftOpen[]> {
  const answers = await askLeaders({ map: search.map, connections: search.connections, ...whoWritesTo }, own)
  const open = leftOpen(answers, search.producerId, current)
  if (open.length === 0) return []
  const markers: TransactionMarker[] = []
  for (const { epoch, coordinatorEpoch, producerId, topic, partition } of open) {
    const commit = (await witnessed(search, answers, epoch)) ?? endings.get(epoch)
    if (commit === undefined) throw new TributaryError('TRANSACTION_LEFT_OPEN', `${topic}/${partition}: nothing tells how it was decided`)
    markers.push({ topic, partition, producerId, epoch: epoch + 1, coordinatorEpoch: Math.max(coordinatorEpoch, 0), commit })
  }
  await writeMarkers(search, markers)
  return open.map(({ topic, partition, firstOffset }, i) => ({ topic, partition, firstOffset, commit: markers[i]!.commit }))
}

/** What the marker says that the same transaction has got in another partition; null = none is the last thing there. */
async function witnessed({ map, connections, producerId }: LeftOpenSearch, answers: readonly PartitionProducers[], epoch: number) {
  const ended = (producer: ActiveProducer) => producer.producerId === producerId && producer.epoch === epoch + 1 && producer.firstOffset < 0
  for (const { topic, partition } of answers.filter(({ producers }) => producers.some(ended))) {
    const { low, high } = (await watermarksOf(map, connections, topic, [partition])).get(partition)!
    const leader = await map.leaderOf(topic, partition)
    if (leader === undefined || low === high) continue
    const limits = { maxWaitMs: 0, maxBytes: 1 << 20, maxBytesPerPartition: 1 << 20 }
    const { partitions } = await connections.send(leader, fetchRequest([{ topic, partition, offset: high - 1, maxBytes: 1 << 20 }], limits))
    const last = walkBatches(partitions[0]!.bytes, topic, partition).batches.at(-1)
    if (last?.control === true && last.producerId === producerId && last.producerEpoch === epoch + 1) return controlType(last) === 1
  }
  return null
}

async function writeMarkers({ map, connections }: LeftOpenSearch, markers: readonly TransactionMarker[]): Promise<void> {
  const wanted = (places: readonly TopicPartition[]) =>
    markers.filter(marker => places.some(({ topic, partition }) => topic === marker.topic && partition === marker.partition))
  const question: LeaderQuestion<PartitionReply> = {
    map,
    connections,
    doing: 'ending what a broker left open in',
    request: places => writeTxnMarkersRequest(wanted(places)),
  }
  await askLeaders(question, markers).catch(cause => {
    throw new TributaryError('TRANSACTION_LEFT_OPEN', (cause as Error).message, { cause })
  })
}
