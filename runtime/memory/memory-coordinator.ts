import { TributaryError } from '../../schemas/errors.js'
import type { MemoryPartition, MemoryTransaction } from './memory-partition.js'

/** Who may write as one transactional id. `lastEpoch` is the epoch that may still ask to go on. */
export interface Producer {
  readonly producerId: number
  epoch: number
  lastEpoch: number
  timeoutMs: number
  open: MemoryTransaction | undefined
}

/** The broker's transaction coordinator, protocol 2: every end of a transaction gives a new epoch. */
export class MemoryCoordinator {
  readonly #producers = new Map<string, Producer>()
  /** Transactions that were aborted because they were open for too long. */
  timedOut = 0
  /** Grows with each outage of brokers that left a transaction open. */
  outages = 0
  /** Partitions of a decided transaction that get no marker, as when their broker is being started; undefined = all get theirs. */
  passOver: ((partitions: readonly MemoryPartition[]) => readonly MemoryPartition[]) | undefined
  #nextId = 1

  claim(id: string, timeoutMs: number, now: number): Producer {
    const producer = this.#producers.get(id) ?? { producerId: this.#nextId++, epoch: -1, lastEpoch: -1, timeoutMs, open: undefined }
    this.#producers.set(id, producer)
    this.#decide(producer, 'aborted', now)
    producer.epoch++
    producer.lastEpoch = -1
    producer.timeoutMs = timeoutMs
    return producer
  }

  /** The open transaction of this producer, begun if there is none. */
  transaction(id: string, epoch: number, now: number): MemoryTransaction {
    const producer = this.#current(id, epoch)
    producer.open ??= { transactionalId: id, producerId: producer.producerId, state: 'open', started: now, partitions: new Set() }
    return producer.open
  }

  /** Ends the transaction; answers the next epoch. */
  end(id: string, epoch: number, state: 'committed' | 'aborted', now: number): number {
    const producer = this.#current(id, epoch)
    if (producer.open === undefined) throw new TributaryError('KAFKA_REQUEST', `ending a transaction of ${id}: there is none`)
    this.#decide(producer, state, now)
    producer.lastEpoch = producer.epoch++
    return producer.epoch
  }

  /** Grants the epoch to go on with, or says that somebody else owns the id; then it changes nothing. */
  recover(id: string, epoch: number, now: number): number {
    const producer = this.#producers.get(id)
    if (producer === undefined || (epoch !== producer.epoch && epoch !== producer.lastEpoch))
      throw new TributaryError('FENCED', `recovering ${id}`)
    if (epoch === producer.epoch) {
      this.#decide(producer, 'aborted', now)
      producer.lastEpoch = producer.epoch++
    }
    return producer.epoch
  }

  /** Aborts what is open for too long. Its owner learns it by an error, and may recover. */
  expire(now: number): void {
    for (const producer of this.#producers.values()) {
      if (producer.open === undefined || now - producer.open.started < producer.timeoutMs) continue
      this.timedOut++
      this.#decide(producer, 'aborted', now)
      producer.lastEpoch = producer.epoch++
    }
  }

  #current(id: string, epoch: number): Producer {
    const producer = this.#producers.get(id)
    if (producer?.epoch !== epoch) throw new TributaryError('KAFKA_REQUEST', `writing as ${id}: epoch ${epoch} is not the current one`)
    return producer
  }

  #decide(producer: Producer, state: 'committed' | 'aborted', now: number): void {
    const transaction = producer.open
    if (transaction === undefined) return
    producer.open = undefined
    transaction.state = state
    const left = this.passOver?.([...transaction.partitions]) ?? []
    if (left.length > 0) this.outages++
    for (const partition of transaction.partitions)
      if (left.includes(partition)) partition.leaveOpen(transaction)
      else partition.end(transaction, now)
  }
}
