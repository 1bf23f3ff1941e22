import type { Appended, LogWriter, PartitionBatch } from '../log.js'
import { BackOff } from './back-off.js'
import { code, isCoordinatorBusy } from './broker-errors.js'
import type { ClusterMap } from './cluster-map.js'
import { type ProduceSettings, produce } from './produce.js'
import type { Sequences } from './produce-queue.js'
import type { BatchProducer } from './record-batch-encoder.js'
import { refused } from './request-errors.js'
import { initProducerIdRequest } from './transaction-requests.js'

const limitMs = 30_000

/** Repeats with the same sequences until acknowledged. After a failed `send` its records may be in the log or not. */
export class IdempotentWriter implements LogWriter {
  readonly #settings: ProduceSettings
  readonly #sequences: Sequences = new Map()
  #producer: BatchProducer | undefined
  #last: Promise<unknown> = Promise.resolve()

  private constructor(settings: ProduceSettings) {
    this.#settings = settings
  }

  static async open(settings: ProduceSettings): Promise<IdempotentWriter> {
    const writer = new IdempotentWriter(settings)
    writer.#producer = await newProducer(settings.map)
    return writer
  }

  /** One after the other: sequence numbers must reach the broker in order. */
  send(batches: readonly PartitionBatch[]): Promise<readonly Appended[]> {
    const sent = this.#last.then(() => this.#send(batches))
    this.#last = sent.catch(() => undefined)
    return sent
  }

  async close(): Promise<void> {
    await this.#last
  }

  async #send(batches: readonly PartitionBatch[]): Promise<readonly Appended[]> {
    this.#producer ??= await newProducer(this.#settings.map)
    try {
      return await produce(
        this.#settings,
        { producer: this.#producer, transactionalId: null, sequences: this.#sequences, limitMs },
        batches,
      )
    } catch (error) {
      // Which numbers the broker has seen is not known any more: the next send starts as a new producer.
      this.#producer = undefined
      this.#sequences.clear()
      throw error
    }
  }
}

async function newProducer(map: ClusterMap): Promise<BatchProducer> {
  const backOff = new BackOff(limitMs)
  for (;;) {
    const grant = await map.sendToAny(initProducerIdRequest(null, 0), limitMs)
    if (grant.error === code.none) return { id: grant.producerId, epoch: grant.epoch, transactional: false }
    if (!isCoordinatorBusy(grant.error) || backOff.expired) throw refused('asking for a producer id', grant.error)
    await backOff.wait()
  }
}
