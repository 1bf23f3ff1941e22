import { TributaryError } from '../../schemas/errors.js'
import type { Appended, LeftOpen, LogWriter, PartitionBatch, TopicPartition, TransactionalWriter } from '../log.js'
import type { MemoryBroker } from './memory-broker.js'
import type { Producer } from './memory-coordinator.js'
import type { MemoryTransaction } from './memory-partition.js'

export type MemoryOperation = 'fetch' | 'send' | 'commit' | 'abort' | 'claim' | 'recover' | 'settle' | 'watermarks'

/** Before an operation has its effect, or after it, when only the answer is lost. */
export type MemoryPoint = `${MemoryOperation}.before` | `${MemoryOperation}.after`

export interface MemoryContext {
  readonly broker: MemoryBroker
  now(): number
  /** Runs an effect between its two points, after time-outs that are due. `comesLate`: it may arrive after its sender gave it up. */
  at<T>(operation: MemoryOperation, effect: () => T, comesLate?: boolean): Promise<T>
}

export class MemoryWriter implements LogWriter {
  readonly #context: MemoryContext
  #last: Promise<unknown> = Promise.resolve()

  constructor(context: MemoryContext) {
    this.#context = context
  }

  send(batches: readonly PartitionBatch[]): Promise<readonly Appended[]> {
    const sent = this.#last.then(() => this.#context.at('send', () => append(this.#context, batches, () => undefined)))
    this.#last = sent.catch(() => undefined)
    return sent
  }

  async close(): Promise<void> {
    await this.#last
  }
}

export class MemoryTransactionalWriter implements TransactionalWriter {
  readonly transactionalId: string
  readonly producerId: number
  readonly #context: MemoryContext
  #epoch: number
  #sent = false
  #unknown = false
  #own: readonly TopicPartition[] = []
  /** Outages of the broker when nothing of ours was open for certain. */
  #outages = 0

  constructor(context: MemoryContext, transactionalId: string, producer: Producer) {
    this.#context = context
    this.transactionalId = transactionalId
    this.producerId = producer.producerId
    this.#epoch = producer.epoch
  }

  get epoch(): number {
    return this.#epoch
  }

  settle(own: readonly TopicPartition[]): Promise<readonly LeftOpen[]> {
    return this.#known('settling', () =>
      this.#context.at('settle', () => {
        const { broker } = this.#context
        this.#own = own
        this.#outages = broker.transactions.outages
        return this.#leftOpen().map(({ topic, partition, transaction, firstOffset }) => {
          transaction.state = transaction.decided!
          broker.partition(topic, partition).end(transaction, this.#context.now())
          return { topic, partition, firstOffset, commit: transaction.state === 'committed' }
        })
      }),
    )
  }

  async requireSettled(): Promise<void> {
    const { outages } = this.#context.broker.transactions
    if (outages === this.#outages) return
    const [open] = this.#leftOpen()
    if (open !== undefined)
      throw new TributaryError('TRANSACTION_LEFT_OPEN', `${open.topic}/${open.partition} since offset ${open.firstOffset}`)
    this.#outages = outages
  }

  #leftOpen() {
    return this.#own.flatMap(place => {
      const left = this.#context.broker.partition(place.topic, place.partition).leftOpen(this.producerId)
      return left === undefined ? [] : [{ ...place, ...left }]
    })
  }

  send(batches: readonly PartitionBatch[]): Promise<readonly Appended[]> {
    return this.#known('sending', async () => {
      if (!this.#sent) await this.requireSettled()
      if (batches.some(batch => batch.records.length > 0)) this.#sent = true
      const { broker } = this.#context
      const epoch = this.#epoch
      const transaction = () => broker.transactions.transaction(this.transactionalId, epoch, this.#context.now())
      return this.#context.at('send', () => append(this.#context, batches, transaction), true)
    })
  }

  commit(): Promise<void> {
    return this.#known('committing', () => this.#end('commit', 'committed'))
  }

  abort(): Promise<void> {
    return this.#known('aborting', () => this.#end('abort', 'aborted'))
  }

  async recover(): Promise<void> {
    this.#unknown = true
    const { broker } = this.#context
    const epoch = this.#epoch
    this.#epoch = await this.#context.at(
      'recover',
      () => broker.transactions.recover(this.transactionalId, epoch, this.#context.now()),
      true,
    )
    this.#sent = false
    this.#unknown = false
  }

  async close(): Promise<void> {
    this.#unknown = true
  }

  async #end(operation: 'commit' | 'abort', state: 'committed' | 'aborted'): Promise<void> {
    if (!this.#sent) return
    const { broker } = this.#context
    // A request carries the epoch that it was made with, however late it arrives.
    const epoch = this.#epoch
    this.#epoch = await this.#context.at(
      operation,
      () => broker.transactions.end(this.transactionalId, epoch, state, this.#context.now()),
      true,
    )
    this.#sent = false
  }

  async #known<T>(doing: string, work: () => Promise<T>): Promise<T> {
    if (this.#unknown) throw new TributaryError('KAFKA_REQUEST', `${doing} as ${this.transactionalId}: after an error, recover comes first`)
    try {
      return await work()
    } catch (error) {
      this.#unknown = true
      throw error
    }
  }
}

function append(
  context: MemoryContext,
  batches: readonly PartitionBatch[],
  transaction: () => MemoryTransaction | undefined,
): readonly Appended[] {
  const appended = new Map<string, Appended>()
  for (const { topic, partition, records } of batches) {
    if (records.length === 0) continue
    const name = `${topic}/${partition}`
    const { first, last } = context.broker.append(topic, partition, records, transaction(), context.now())
    appended.set(name, { topic, partition, first: appended.get(name)?.first ?? first, last })
  }
  return [...appended.values()]
}
