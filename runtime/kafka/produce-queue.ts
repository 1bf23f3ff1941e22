import type { Appended, PartitionBatch } from '../log.js'
import { cutBatches } from './batch-cutting.js'
import type { PartitionProduce } from './produce-request.js'

/** The batches that still wait for one partition, in the order of their sequence numbers. */
export interface ProduceQueue {
  readonly topic: string
  readonly partition: number
  readonly waiting: PartitionProduce[]
  first: number
  last: number
}

/** Next sequence numbers by partition, counted from 0 for each producer id and epoch. */
export type Sequences = Map<string, number>

/** The batches of `send`, cut by bytes and numbered; two for one partition keep their order. */
export function produceQueues(batches: readonly PartitionBatch[], sequences: Sequences, maxBytes: number): ProduceQueue[] {
  const queues = new Map<string, ProduceQueue>()
  for (const { topic, partition, records } of batches) {
    if (records.length === 0) continue
    const name = `${topic}/${partition}`
    let queue = queues.get(name)
    if (queue === undefined) {
      queue = { topic, partition, waiting: [], first: -1, last: -1 }
      queues.set(name, queue)
    }
    let from = 0
    for (const { to, bytes } of cutBatches(records, maxBytes)) {
      const sequence = sequences.get(name) ?? 0
      queue.waiting.push({ topic, partition, records, from, to, sequence, bytes })
      sequences.set(name, (sequence + to - from) & 0x7fff_ffff)
      from = to
    }
  }
  return [...queues.values()]
}

/** Notes that the first waiting batch was appended at `baseOffset`. */
export function appended(queue: ProduceQueue, baseOffset: number): void {
  const batch = queue.waiting.shift()!
  if (queue.first < 0) queue.first = baseOffset
  queue.last = baseOffset + batch.to - batch.from - 1
}

/** Replaces the first waiting batch by its halves; false when it is a single record. */
export function halve(queue: ProduceQueue): boolean {
  const batch = queue.waiting[0]!
  const half = (batch.to - batch.from) >> 1
  if (half === 0) return false
  const middle = batch.from + half
  const sequence = (batch.sequence + half) & 0x7fff_ffff
  queue.waiting.splice(0, 1, { ...batch, to: middle }, { ...batch, from: middle, sequence })
  return true
}

export function whereAppended(queue: ProduceQueue): Appended {
  return { topic: queue.topic, partition: queue.partition, first: queue.first, last: queue.last }
}
